#include "planning/rules/topology.h"

#include <algorithm>
#include <cmath>

#include "planning/rules/constants.h"

namespace lucid {
namespace {

// Returns which axes the next stage pools; none if it is to be the last.
std::vector<std::size_t> pooled_axes(const VoxelSize& spacing, const Extents& size) {
  std::vector<std::size_t> large;
  for (std::size_t axis = 0; axis < 3; ++axis)
    if (size[axis] >= 2 * kSmallestEdge) large.push_back(axis);
  double finest = INFINITY;
  for (const std::size_t axis : large) finest = std::min(finest, spacing[axis]);
  std::vector<std::size_t> pooled;
  for (const std::size_t axis : large)
    if (spacing[axis] / finest < kSimilarSpacing) pooled.push_back(axis);
  if (pooled.size() == 1 && size[pooled.front()] < 3 * kSmallestEdge) pooled.clear();
  return pooled;
}

void widen_kernel(const VoxelSize& spacing, Triple& kernel) {
  const double finest = std::ranges::min(spacing);
  for (std::size_t axis = 0; axis < 3; ++axis)
    if (spacing[axis] / finest < kSimilarSpacing) kernel[axis] = 3;
}

}  // namespace

Topology unet_topology(const VoxelSize& spacing, const Extents& patch) {
  Topology made{.divisor = {1, 1, 1}, .strides = {{1, 1, 1}}};
  VoxelSize current = spacing;
  Extents size = patch;
  Triple kernel{1, 1, 1};
  for (auto axes = pooled_axes(current, size); !axes.empty(); axes = pooled_axes(current, size)) {
    widen_kernel(current, kernel);
    Triple stride{1, 1, 1};
    for (const std::size_t axis : axes) {
      stride[axis] = 2;
      made.divisor[axis] *= 2;
      current[axis] *= 2;
      size[axis] = std::ceil(size[axis] / 2);
    }
    made.strides.push_back(stride);
    made.kernels.push_back(kernel);
  }
  made.kernels.push_back({3, 3, 3});
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const double divisor = static_cast<double>(made.divisor[axis]);
    made.patch[axis] =
        static_cast<std::int64_t>(std::ceil(patch[axis] / divisor)) * made.divisor[axis];
  }
  return made;
}

}  // namespace lucid
