#pragma once

#include <array>
#include <optional>
#include <string>

#include "data/array/box.h"
#include "data/hdf5/file.h"
#include "data/hdf5/write.h"

namespace lucid {

// A 4 x 4 matrix in row order from (w, h, d, 1) to x y z in mm, towards right, anterior and
// superior of the patient, as in NIfTI.
using Affine = std::array<double, 16>;

// The position of a volume's voxels in space.
struct Geometry {
  std::array<double, 3> voxel_size{1, 1, 1};  // mm along d, h, w
  Affine affine{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1};
  // NIfTI's codes of the space: 0 unknown, 1 scanner, 2 aligned, 3 Talairach, 4 MNI.
  int sform_code = 0, qform_code = 0;
  std::optional<Affine> qform;  // if NIfTI's other matrix differs from the affine

  // True if the affine says where right, anterior and superior of the patient are.
  bool is_oriented() const { return sform_code > 0 || qform_code > 0; }
};

// Returns voxels along the axes, starting at the origin.
Geometry plain_geometry(const std::array<double, 3>& voxel_size);

// Returns true if the directions of w, h and d are in one plane or not finite, so that voxels have
// no volume.
bool is_singular(const Affine& affine);

// Returns the lengths of the affine's directions of d, h and w.
std::array<double, 3> voxel_size_of(const Affine& affine);

// Returns the directions of w, h and d: "RAS", "LPS". Letters are Right/Left, Anterior/Posterior,
// Superior/Inferior.
std::string orientation(const Affine& affine);

// Returns the geometry of `extents` voxels in the place of those of a region.
Geometry regridded(const Geometry& geometry, const Box& region, const Triple& extents);

// Returns an empty text or the difference: "voxel size 1 x 1 x 1 against 1 x 1 x 2".
std::string geometry_difference(const Geometry& a, const Geometry& b);

// Writes attributes of a dataset: voxel_size_mm, units, affine, sform_code, qform_code, qform, and
// orientation unless both codes are 0.
void write_geometry(hdf5::Writer& file, const std::string& dataset, const Geometry& geometry);
// Returns nullopt if the dataset has none of them. An affine without any code counts as aligned to
// the patient. Throws Error(kData) if they are invalid.
std::optional<Geometry> read_geometry(const hdf5::File& file, const std::string& dataset);

}  // namespace lucid
