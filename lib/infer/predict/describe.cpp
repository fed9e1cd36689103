#include "infer/predict/describe.h"

#include <nlohmann/json.hpp>
#include <set>

#include "base/text.h"

namespace lucid {
namespace {

// These attributes tell how the input's own values are stored; predictions have others.
const std::set<std::string> kOfStoredValues = {"scale",         "scale_factor", "add_offset",
                                               "activation",    "_FillValue",   "valid_range",
                                               "missing_value", "valid_min",    "valid_max"};

// Returns the attributes of the first input that all inputs have with the same value.
std::vector<std::string> common_attributes(const std::vector<PredictedInput>& inputs) {
  const hdf5::Array first = hdf5::File(inputs.front().file).open(inputs.front().dataset);
  std::vector<std::string> common;
  for (const std::string& name : hdf5::attribute_names(first))
    if (!kOfStoredValues.contains(name)) common.push_back(name);
  for (std::size_t i = 1; i < inputs.size() && !common.empty(); ++i) {
    const hdf5::Array other = hdf5::File(inputs[i].file).open(inputs[i].dataset);
    std::erase_if(common, [&](const std::string& name) {
      return !hdf5::have_equal_attribute(first, other, name);
    });
  }
  return common;
}

hdf5::Array first_of(const PredictionSource& source) {
  return hdf5::File(source.inputs.front().file).open(source.inputs.front().dataset);
}

}  // namespace

void check_described(const PredictionSource& source) {
  if (source.has_input_grid)
    hdf5::check_attributes(first_of(source), common_attributes(source.inputs));
}

void describe_predictions(hdf5::Writer& writer, const std::string& path,
                          const InferOptions& options, const PredictionSource& source,
                          const OutputFormat& format) {
  if (source.has_input_grid)
    writer.copy_attributes(first_of(source), path, common_attributes(source.inputs));
  std::vector<std::string> files, datasets, checkpoints;
  for (const PredictedInput& input : source.inputs) {
    files.push_back(input.file.string());
    datasets.push_back(input.dataset);
  }
  for (const auto& checkpoint : options.checkpoints) checkpoints.push_back(checkpoint.string());
  if (source.inputs.size() == 1)
    datasets.insert(datasets.end(), source.other_datasets.begin(), source.other_datasets.end());
  writer.set_attribute(path, "input_files", join(files, "\n"));
  writer.set_attribute(path, "input_datasets", join(datasets, "\n"));
  writer.set_attribute(path, "checkpoint", join(checkpoints, "\n"));
  if (!options.cases.empty()) writer.set_attribute(path, "cases", join(options.cases, "\n"));
  if (source.has_input_grid)
    writer.set_attribute(path, "axes",
                         options.activation == Activation::kArgmax ? "ndhw" : "ncdhw");
  if (options.postprocess)
    writer.set_attribute(path, "postprocess", json_text(postprocess_json(*options.postprocess)));
  format.describe(writer, path);
}

}  // namespace lucid
