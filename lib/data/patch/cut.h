#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "data/array/ranges.h"
#include "data/hdf5/file.h"
#include "data/hdf5/write.h"

namespace lucid {

struct PatchOptions {
  std::string raw, labels;  // datasets (D, H, W), with optional leading axes of length 1
  Triple size{24, 24, 24};
  std::int64_t per_class = 100;
  Ranges region;                      // contains the patches entirely
  std::optional<std::size_t> mirror;  // 0, 1, 2: mirrors along d, h, w
  std::vector<std::int64_t> classes;  // labels to keep; empty: all but 0
  bool voxel_labels = false;          // write the stored label of every voxel, not one per patch
  std::uint64_t seed = 0;
};

// Cuts cubes around random labelled voxels, none twice, in random order: `volumes` (n, 1, d, h, w)
// and `labels` (n), which number the kept labels from 0 in ascending order; the attribute
// `original_labels` lists them. With voxel labels, `labels` is (n, d, h, w). Throws Error(kData) if
// a class has too few voxels.
void make_patches(const hdf5::File& input, const PatchOptions& options, hdf5::Writer& output);

}  // namespace lucid
