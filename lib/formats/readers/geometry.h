#pragma once

#include <array>
#include <optional>
#include <string>

#include "data/hdf5/file.h"
#include "data/hdf5/write.h"

namespace lucid {

// 4 rows of 4: from (w, h, d, 1) to x y z in mm, towards the right, the front and the top of a
// patient, as NIfTI has it.
using Affine = std::array<double, 16>;

// Where the voxels of a volume lie.
struct Geometry {
  std::array<double, 3> voxel_size{1, 1, 1};  // mm, of d, h, w
  Affine affine{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1};
  // NIfTI's words for what x y z are: 0 unknown, 1 the scanner's, 2 aligned, 3 Talairach, 4 MNI.
  int sform_code = 0, qform_code = 0;
  std::optional<Affine> qform;  // where NIfTI's other matrix is not the affine
};

// With voxels along the axes, from the origin.
Geometry plain_geometry(const std::array<double, 3>& voxel_size);

// Where w, h and d lead: "RAS"; "LPS". One letter each of right/left, front (anterior)/back,
// top (superior)/bottom (inferior).
std::string orientation(const Affine& affine);

// Empty, or what differs: "voxel size 1 x 1 x 1 against 1 x 1 x 2".
std::string geometry_difference(const Geometry& a, const Geometry& b);

// As attributes of a dataset: voxel_size_mm, units, affine, orientation, qform_code, sform_code.
void write_geometry(hdf5::Writer& file, const std::string& dataset, const Geometry& geometry);
// Nothing where the dataset has none of them. Throws Error(kData) where they make no sense.
std::optional<Geometry> read_geometry(const hdf5::File& file, const std::string& dataset);

}  // namespace lucid
