#pragma once

#include <algorithm>

#include "support/experiment.h"

namespace lucid::test {

inline Json cases_of(const Experiment& experiment, const std::string& run) {
  return read_json_file(RunFolder(experiment / run).cases());
}

inline std::vector<std::string> files_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  if (std::filesystem::exists(folder))
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
      if (entry.is_regular_file())
        names.push_back(std::filesystem::relative(entry.path(), folder).string());
  std::ranges::sort(names);
  return names;
}

// A network of voxels on the labels, or on the values, of each voxel.
struct Voxels : Experiment {
  explicit Voxels(const std::string& target = "voxels", int channels = 3) {
    for (const char* set : {"train", "validation"}) json["data"][set]["target"] = target;
    json["model"]["layers"] = parse_json(R"([
        {"type": "Conv3D", "out_channels": 4, "kernel_size": 3, "padding": 1},
        {"type": "ReLU"},
        {"type": "Conv3D", "out_channels": )" +
                                             std::to_string(channels) + R"(, "kernel_size": 1}])",
                                         "layers");
    json["metrics"] = {"accuracy", "dice", "auc"};
  }
};

}  // namespace lucid::test
