#include "infer/predict/prediction_preview.h"

#include "base/error.h"
#include "base/text.h"
#include "preview/preview_files.h"

namespace lucid {
namespace {

constexpr std::size_t kMostValues = 6;  // as many as fit into a title

// Returns /predictions, or the first of several datasets below it.
std::string first_predictions(const hdf5::File& file) {
  const std::string name = "predictions";
  for (const std::string& dataset : file.datasets())
    if (dataset == name || dataset.starts_with(name + "/")) return dataset;
  throw Error(ExitCode::kData, file.path().string() + ": expected /predictions, found none");
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

bool are_voxels(const Shape& shape) {
  const std::size_t rank = shape.rank();
  return rank > 3 && shape[rank - 1] * shape[rank - 2] * shape[rank - 3] > 1;
}

std::string values_text(const hdf5::Array& array) {
  hdf5::Region row{std::vector<std::int64_t>(array.shape().rank(), 0), array.shape().extents()};
  row.count[0] = 1;
  std::vector<std::string> words;
  for (const float value : array.read<float>(row)) {
    if (words.size() == kMostValues) break;
    words.push_back(is_integer(array.element()) ? number_text(value) : fixed_text(value, 3));
  }
  return ", predicted " + join(words, " ");
}

}  // namespace

void write_prediction_preview(const std::filesystem::path& predictions,
                              const std::optional<std::string>& input_axes, const OutputFile& png) {
  const hdf5::File file(predictions);
  const std::string dataset = first_predictions(file);
  const hdf5::Array array = file.open(dataset);
  PreviewFiles files;
  files.file = first_line(file.attribute<std::string>(dataset, "input_files").value_or(""));
  files.dataset = first_line(file.attribute<std::string>(dataset, "input_datasets").value_or(""));
  files.place.axes = input_axes.value_or("");
  if (are_voxels(array.shape())) {
    files.labels_file = predictions;
    files.labels = dataset;
  } else {
    files.remark = values_text(array);
  }
  write_preview(files, {}, png, [](double) {});
}

}  // namespace lucid
