#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "formats/import/import.h"

namespace lucid {

// A case to learn from, in other formats than HDF5: its image, or one for each channel, and the
// label of its voxels.
struct Scan {
  std::string name;
  std::vector<std::filesystem::path> images;
  std::filesystem::path label;
};

// Pairs images and labels as import_volumes() does, in the order in which the datasets NAME/raw of
// one imported file follow each other. Throws Error(kUsage), Error(kData) as that does, and for raw
// files, which say nothing of their numbers.
std::vector<Scan> pair_scans(const std::vector<std::string>& images,
                             const std::vector<std::string>& labels);

// Writes NAME/raw and NAME/label; returns warnings. Throws Error(kData).
std::vector<std::string> import_scan(const Scan& scan, hdf5::Writer& output, int threads,
                                     const ImportReport& report);

}  // namespace lucid
