#include "data/resample/volume_resampling.h"

#include <algorithm>
#include <cmath>

namespace lucid {
namespace {

constexpr double kCoarse = 3;  // nnU-Net's ANISO_THRESHOLD

std::optional<std::size_t> coarse_axis_of(const VoxelSize& size) {
  const auto [least, most] = std::ranges::minmax(size);
  if (most <= kCoarse * least || std::ranges::count(size, most) > 1) return std::nullopt;
  return static_cast<std::size_t>(std::ranges::find(size, most) - size.begin());
}

std::array<VoxelTaps, 3> taps(const Triple& from, const Triple& to, SplineOrder order,
                              const std::optional<std::size_t>& coarse) {
  const auto of = [&](std::size_t axis) {
    return VoxelTaps(from[axis], to[axis], axis == coarse ? SplineOrder::kNearest : order);
  };
  return {of(0), of(1), of(2)};
}

}  // namespace

std::optional<std::size_t> coarse_axis(const VoxelSize& from, const VoxelSize& to) {
  const VoxelSize& decides = std::ranges::max(from) > kCoarse * std::ranges::min(from) ? from : to;
  return coarse_axis_of(decides);
}

Triple resampled_extents(const Triple& extents, const VoxelSize& from, const VoxelSize& to) {
  constexpr double kMost = 1 << 24;
  Triple resampled;
  for (std::size_t axis = 0; axis < 3; ++axis)
    resampled[axis] = std::llrint(
        std::clamp(from[axis] / to[axis] * static_cast<double>(extents[axis]), 1.0, kMost));
  return resampled;
}

VolumeResampling::VolumeResampling(const Box& region, const VoxelSize& from, const VoxelSize& to)
    : region_(region),
      extents_(resampled_extents(region.size, from, to)),
      values_(taps(region.size, extents_, SplineOrder::kCubic, coarse_axis(from, to))),
      labels_(taps(region.size, extents_, SplineOrder::kLinear, coarse_axis(from, to))),
      back_(taps(extents_, region.size, SplineOrder::kLinear, coarse_axis(from, to))) {}

Box VolumeResampling::stored(const std::array<VoxelTaps, 3>& taps, const Box& part) const {
  Box box;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    if (part.size[axis] == 0) return {region_.begin, {0, 0, 0}};
    const std::int64_t first = taps[axis].first(part.begin[axis]);
    box.begin[axis] = region_.begin[axis] + first;
    box.size[axis] = taps[axis].last_end(part.end(axis) - 1) - first;
  }
  return box;
}

}  // namespace lucid
