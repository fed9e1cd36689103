#include "infer_reports.h"

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/text.h"
#include "calibration_arguments.h"
#include "program.h"

namespace lucid {
namespace {

Json counts_json(const PostprocessCounts& counts) {
  return {{"components", counts.components},         {"removed", counts.removed},
          {"removed_voxels", counts.removed_voxels}, {"holes", counts.holes},
          {"hole_voxels", counts.hole_voxels},       {"numbered", counts.numbered}};
}

std::string counts_text(const PostprocessCounts& counts) {
  return "postprocess: " + with_thousands(counts.removed) + " of " +
         with_thousands(counts.components) + " components removed (" +
         with_thousands(counts.removed_voxels) + " voxels), " + with_thousands(counts.holes) +
         " holes filled (" + with_thousands(counts.hole_voxels) + " voxels), " +
         with_thousands(counts.numbered) + " numbered";
}

std::vector<std::string> checkpoint_names(const InferOptions& options) {
  return {options.checkpoints.begin(), options.checkpoints.end()};
}

}  // namespace

void print_infer_json(const InferResult& result, const InferOptions& options, double seconds) {
  Json json = {{"samples", result.samples},
               {"predictions", result.predictions.extents()},
               {"output", options.output.string()},
               {"checkpoints", checkpoint_names(options)},
               {"seconds", seconds}};
  if (result.windows > 0) {
    json["patch"] = result.window;
    json["windows"] = result.windows;
    json["windows_computed"] = result.windows_computed;
    json["windows_again"] = result.windows_again;
    json["written_by"] = result.written_by;
  }
  if (result.files_of_others > 0) json["files_of_others"] = result.files_of_others;
  if (result.volumes.size() > 1) {
    json["predictions"] = Json::object();
    for (const auto& [name, shape] : result.volumes) json["predictions"][name] = shape.extents();
  }
  if (!result.measured.values.empty()) add_measurements(result.measured, json["values"]);
  if (result.postprocessed) json["postprocess"] = counts_json(*result.postprocessed);
  if (const auto& rules = result.stored_rules ? result.stored_rules : options.postprocess) {
    json["postprocess"]["rules"] = postprocess_json(*rules);
    json["postprocess"]["from"] = result.stored_rules ? "validation" : "--postprocess";
  }
  if (result.calibration) json["int8"] = calibration_json(*result.calibration);
  std::cout << json_text(json) << '\n';
}

void print_infer_text(const InferResult& result, const InferOptions& options) {
  const bool is_one = result.volumes.size() < 2;
  std::cout << "samples " << result.samples << ", predictions "
            << (is_one ? result.predictions.str()
                       : "of " + std::to_string(result.volumes.size()) + " volumes")
            << " in " << options.output.string() << '\n';
  for (const auto& [name, shape] : result.volumes)
    if (!is_one) std::cout << printable(name) << ' ' << shape.str() << '\n';
  if (result.postprocessed) std::cout << counts_text(*result.postprocessed) << '\n';
  if (result.calibration) std::cout << calibration_text(*result.calibration);
  for (const NamedValues* list : {&result.measured.values, &result.measured.details})
    for (const auto& [name, value] : *list)
      std::cout << name << ' ' << value_text(static_cast<float>(value)) << '\n';
  for (const auto& [name, table] : result.measured.tables)
    for (std::size_t row = 0; row < table.size(); ++row) {
      std::cout << name << ' ' << row;
      for (const std::int64_t count : table[row]) std::cout << ' ' << count;
      std::cout << '\n';
    }
}

// Warns of losses and metrics that the targets leave undefined.
void warn_of_undefined(const InferResult& result, const InferOptions& options) {
  for (const Measurements::Undefined& value : result.measured.undefined)
    if (const auto& values = result.measured.values;
        std::ranges::any_of(values, [&](const auto& named) { return named.first == value.name; }))
      print_warning(options.inputs.front() + ": /" + options.target.value_or("") + ": " +
                    value.name + " is not defined: " + value.why);
}

std::string infer_summary(const InferResult& result, const InferOptions& options, double seconds) {
  std::string text = "predicted " + std::to_string(result.samples) + " samples in " +
                     number_text(static_cast<float>(seconds)) + " s";
  if (options.checkpoints.size() > 1)
    text += " by " + std::to_string(options.checkpoints.size()) + " networks";
  if (result.files_of_others > 0)
    text += ", " + std::to_string(result.files_of_others) + " files earlier or by others";
  if (result.windows == 0) return text;
  text += ", " + std::to_string(result.windows_computed) + " windows of " +
          std::to_string(result.window[0]) + "x" + std::to_string(result.window[1]) + "x" +
          std::to_string(result.window[2]);
  const auto add = [&](std::int64_t windows, const std::string& whose) {
    if (windows > 0) text += ", " + std::to_string(windows) + whose;
  };
  add(result.windows_again, " more to begin amid a volume");
  add(result.windows_earlier, " earlier");
  add(result.windows - result.windows_computed - result.windows_earlier, " by other processes");
  return text;
}

}  // namespace lucid
