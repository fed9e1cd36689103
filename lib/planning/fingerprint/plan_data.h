#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "data/volumes/volumes.h"
#include "formats/import/import_cache.h"

namespace lucid {

// Where the data of a plan are.
struct PlanSource {
  std::vector<std::string> data{};    // HDF5 files, or images of other formats; globs, folders
  std::vector<std::string> labels{};  // of images; empty with a folder of imagesTr and labelsTr
  std::string input{}, target{};      // datasets of HDF5; empty: those of known conventions
  LabelMerges merges{};               // of labels
  ImportCacheOptions cache{};         // of images
};

// Images of other formats than HDF5 and their labels, as an experiment file names them.
struct PlanScans {
  std::vector<std::string> files{}, labels{};
};

// The sets that a plan is made for.
struct PlanData {
  VolumesConfig train{};  // HDF5: as named, or what was imported of scans
  std::optional<VolumesConfig> validation{};
  std::optional<PlanScans> scans{};            // that the training set was imported from
  std::vector<std::filesystem::path> files{};  // of the training set
  std::vector<std::string> channel_names{}, class_names{};  // if a dataset.json says them
  std::vector<std::string> warnings{};                      // of the import
};

// Finds volumes and targets. In HDF5 files these are the datasets `input` and `target` if they are
// given, else those of lucid-data's imports, pytorch-3dunet and MedMNIST; folders named train and
// val below a single folder, and groups of those names, are the two sets. Volumes of other formats
// are imported to the cache, unless they are there. Throws Error(kUsage), Error(kData).
PlanData find_plan_data(const PlanSource& source);

}  // namespace lucid
