#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/unfinished_file.h"
#include "data/hdf5/file.h"
#include "formats/readers/geometry.h"

namespace lucid {

struct ExportOptions {
  std::filesystem::path input;  // HDF5
  OutputFile output;            // .nii or .nii.gz
  std::string dataset;
  std::optional<std::string> axes;      // default: its attribute, or by rank and geometry
  std::optional<std::int64_t> sample;   // required if there is more than one
  std::optional<std::string> geometry;  // .nii, .nii.gz, .nrrd, or HDF5 with or without :dataset
  std::optional<std::array<double, 3>> voxel_size;  // d, h, w in mm, where there is no geometry
};

// Writes one volume as NIfTI in its stored type, integers of 64 bits in the smallest type that
// holds them, with its scaling and the geometry of the volume it was made from. Returns warnings.
// Throws Error(kData) if the shapes of the two differ.
std::vector<std::string> export_nifti(const ExportOptions& options,
                                      const std::function<void(double share)>& progress);

}  // namespace lucid
