#pragma once
// Private to this room.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "data/patch/volumes.h"

namespace lucid {

// The blocks of a volume that hold voxels of a kind, and how many.
struct BlockCounts {
  std::vector<std::int64_t> blocks;
  std::vector<std::int64_t> ends;  // count up to and including each block

  std::int64_t voxels() const { return ends.empty() ? 0 : ends.back(); }
  void add(std::int64_t block, std::int64_t count);
  friend bool operator==(const BlockCounts&, const BlockCounts&) = default;
};

// Locates the labels of a volume's region: any voxel of a label is found by its number after
// reading one block. Voxels with mask 0 have no label.
struct VoxelIndex {
  // Keyed by class; by channel, counting nonzero voxels, if targets are not classes.
  std::map<std::int64_t, BlockCounts> labels;
  BlockCounts valid;  // voxels with a nonzero mask; empty without a mask
  friend bool operator==(const VoxelIndex&, const VoxelIndex&) = default;
};

// Convert to values that MeasuredFile stores, and back.
std::vector<double> stored_values(const VoxelIndex& index);
VoxelIndex voxel_index_of(std::span<const double> numbers);

// Returns the label that a float stands for. Those beyond 2^62, which are no classes, become that.
std::int64_t label_of(float value);

// Returns whether labels are classes: integers, one per voxel.
bool has_classes(const Stack& target);

// Reads the labels once, part by part.
VoxelIndex index_voxels(const PatchVolume& volume, int threads);

// Returns voxel `number` of a label, or of all valid voxels if there is no label.
Triple find_voxel(const PatchVolume& volume, const BlockCounts& counts,
                  std::optional<std::int64_t> label, std::int64_t number);

}  // namespace lucid
