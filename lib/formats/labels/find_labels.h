#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace lucid {

// One volume of labels in a file.
struct LabelSource {
  std::string name;  // of the case
  std::filesystem::path file;
  std::string dataset{};    // in HDF5; empty in files of other formats
  std::string axes{};       // of the dataset, plain letters
  std::int64_t sample = 0;  // along n
};

// Finds the volumes of labels that an argument names: a file of any format that is imported;
// FILE.h5 with one dataset; FILE.h5:PATH, whose path may hold a *; or a folder of such files, for
// HDF5 FOLDER:PATH. Cases are named after the file, what the * stood for, and the number of the
// sample where there are several. Sorted by file and name. Throws Error.
std::vector<LabelSource> find_labels(const std::string& argument);
// Returns the file or folder of such an argument.
std::filesystem::path labels_path(const std::string& argument);

// The volumes of one case.
struct LabelCase {
  std::string name;
  LabelSource prediction, truth;
};

// Pairs volumes by name; one prediction and one truth belong together whatever their names. Throws
// Error(kData) with a line for each volume that is left over.
std::vector<LabelCase> pair_labels(const std::vector<LabelSource>& predictions,
                                   const std::vector<LabelSource>& truths);

}  // namespace lucid
