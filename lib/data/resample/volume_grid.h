#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/resample/grid_config.h"
#include "data/resample/volume_resampling.h"
#include "data/statistics/normalization.h"
#include "data/volumes/volume_stacks.h"

namespace lucid {

// The voxels of a volume as a network sees them: those of a region of the file as stored, counted
// from the corner of the whole volume; or resampled, counted from the corner of the region.
class VolumeGrid {
 public:
  explicit VolumeGrid(const Box& region) : region_(region) {}
  VolumeGrid(const Box& region, const VoxelSize& from, const VoxelSize& to);

  const Box& stored_region() const { return region_; }
  // Null if voxels are as stored.
  const VolumeResampling* resampling() const { return resampling_.get(); }
  // The voxels that there are.
  Box region() const;
  // The stored voxels that some voxels of values, or of labels, are made of.
  Box stored_values(const Box& part) const;
  Box stored_labels(const Box& part) const;

  // Reads a part of the inputs, (C, D, H, W), normalized before they are resampled.
  void read_inputs(const VolumeStacks& stacks, std::size_t sample, const Box& part,
                   const Normalization& normalization, std::span<float> out) const;
  // Reads a part of a target or a mask. Integers are labels; other values are interpolated linearly
  // between voxels.
  void read_target(const Stack& stack, std::size_t sample, const Box& part, std::span<float> out,
                   int threads = Stack::kThroughCache) const;

  // Distinguishes grids in cache keys; empty if voxels are as stored.
  std::string key() const;

 private:
  Box region_;
  std::shared_ptr<const VolumeResampling> resampling_;
};

// Returns the voxel size of a volume. Throws Error(kData) if neither its file nor the config says
// it.
VoxelSize known_voxel_size(const VolumeStacks& stacks, const GridConfig& config);

// The median along each axis; of an even number, the mean of the two in the middle.
VoxelSize median_voxel_size(std::vector<VoxelSize> sizes);

// Returns the smallest box that holds every voxel that is not 0 in some channel of the inputs; all
// of `within` if there is none. Reads all of it.
Box nonzero_box(const VolumeStacks& stacks, std::size_t sample, const Box& within, int threads);

// Makes the grid of a part of a volume. Throws Error(kData) if its voxel size is not known, or the
// resampled volume would have too many voxels. `config` has no median any more.
VolumeGrid grid_of(const VolumeStacks& stacks, const Box& region, const GridConfig& config);

}  // namespace lucid
