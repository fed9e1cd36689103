#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "data/patch/volumes.h"

namespace lucid {

// In which blocks of a volume voxels of a kind lie, and how many.
struct BlockCounts {
  std::vector<std::int64_t> blocks;
  std::vector<std::int64_t> ends;  // how many there are in the block and those before it

  std::int64_t voxels() const { return ends.empty() ? 0 : ends.back(); }
  void add(std::int64_t block, std::int64_t count);
  friend bool operator==(const BlockCounts&, const BlockCounts&) = default;
};

// Where the labels of a volume's region are, so that any voxel of a label is found by its number
// from one block alone. Voxels where the mask is 0 have no label.
struct VoxelIndex {
  // By class; by channel, for what is not 0, where targets are no classes.
  std::map<std::int64_t, BlockCounts> labels;
  BlockCounts valid;  // voxels where the mask is not 0; empty without a mask
  friend bool operator==(const VoxelIndex&, const VoxelIndex&) = default;
};

// As numbers that can be kept, and back.
std::vector<double> numbers_of(const VoxelIndex& index);
VoxelIndex voxel_index_of(std::span<const double> numbers);

// Are labels classes: integers, one a voxel?
bool has_classes(const Stack& target);

// Reads the labels once, part by part.
VoxelIndex index_voxels(const PatchVolume& volume, int threads);

// The place of voxel `number` among those of a label, or of all that are valid.
Triple find_voxel(const PatchVolume& volume, const BlockCounts& counts,
                  std::optional<std::int64_t> label, std::int64_t number);

}  // namespace lucid
