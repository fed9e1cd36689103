#pragma once

#include <array>
#include <vector>

#include "base/triple.h"
#include "data/array/voxel_size.h"

namespace lucid {

// Extents along d, h, w that may lie between two integers, as the median of an even number does.
using Extents = std::array<double, 3>;

// The stages of a U-Net as nnU-Net's rules choose them (get_pool_and_conv_props of
// network_topology.py).
struct Topology {
  Triple patch{};                 // padded to multiples of `divisor`
  Triple divisor{};               // 2^poolings of each axis
  std::vector<Triple> strides{};  // of each stage's first convolution; 1, 1, 1 of the first stage
  std::vector<Triple> kernels{};  // of each stage
};

// Axes are pooled while at least kSmallestEdge voxels are left and their voxels are less than twice
// as large as the smallest of those axes. The kernel of an axis is 1 until its voxels come within
// twice the smallest ones, then 3; that of the last stage is 3 along all axes.
Topology unet_topology(const VoxelSize& spacing, const Extents& patch);

}  // namespace lucid
