#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "data/volumes/volumes.h"

namespace lucid {

// The sets that a plan is made for, as an experiment file names them.
struct PlanData {
  VolumesConfig train{};
  std::optional<VolumesConfig> validation{};
  std::vector<std::filesystem::path> files{};  // of the training set
};

// Finds volumes and targets in HDF5 files: the datasets `input` and `target` if they are given,
// else those of lucid-data's imports, pytorch-3dunet and MedMNIST. Folders named train and val
// below a single folder, and groups of those names, are the two sets. Throws Error(kUsage),
// Error(kData).
PlanData find_plan_data(const std::vector<std::string>& data, const std::string& input,
                        const std::string& target);

}  // namespace lucid
