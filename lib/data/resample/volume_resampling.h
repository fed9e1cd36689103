#pragma once

#include <array>
#include <optional>

#include "data/array/box.h"
#include "data/array/voxel_size.h"
#include "data/resample/voxel_taps.h"

namespace lucid {

// Returns the axis whose planes are interpolated one by one, as nnU-Net does: that of the largest
// voxel size, if it is more than three times the smallest one, here or there, and no other axis has
// the same.
std::optional<std::size_t> coarse_axis(const VoxelSize& from, const VoxelSize& to);

// The extents that cover the same space, rounded to nearest, at least 1 and at most 2^24.
Triple resampled_extents(const Triple& extents, const VoxelSize& from, const VoxelSize& to);

// Resamples a part of a volume to another voxel size. Voxels of the resampled volume are counted
// from the corner of that part.
class VolumeResampling {
 public:
  // `region` is the part in voxels of the stored volume.
  VolumeResampling(const Box& region, const VoxelSize& from, const VoxelSize& to);

  const Box& region() const { return region_; }
  const Triple& extents() const { return extents_; }  // of the resampled volume

  // What values are made of: splines, or the nearest plane along a coarse axis.
  const std::array<VoxelTaps, 3>& values() const { return values_; }
  // The same of labels: for each label the linear weights of the voxels that have it.
  const std::array<VoxelTaps, 3>& labels() const { return labels_; }
  // From the resampled to the stored part: linear, or nearest along a coarse axis.
  const std::array<VoxelTaps, 3>& back() const { return back_; }

  // The stored voxels that a part of the resampled volume is made of.
  Box stored_values(const Box& part) const { return stored(values_, part); }
  Box stored_labels(const Box& part) const { return stored(labels_, part); }

 private:
  Box stored(const std::array<VoxelTaps, 3>& taps, const Box& part) const;

  Box region_;
  Triple extents_;
  std::array<VoxelTaps, 3> values_, labels_, back_;
};

}  // namespace lucid
