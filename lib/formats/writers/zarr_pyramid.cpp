#include "formats/writers/zarr_pyramid.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lucid {
namespace {

constexpr std::int64_t kSmallExtent = 128;

template <class T>
T rounded(double mean) {
  if constexpr (std::is_floating_point_v<T>) {
    return static_cast<T>(mean);
  } else {
    // A mean of integers of 64 bits may be rounded to one beyond the largest.
    const double whole = std::nearbyint(mean);
    if (whole >= static_cast<double>(std::numeric_limits<T>::max()))
      return std::numeric_limits<T>::max();
    return static_cast<T>(whole);
  }
}

template <class T>
void mean_planes(const T* planes, const Triple& extents, const Triple& step, T* out) {
  const std::int64_t height = extents[1], width = extents[2];
  std::vector<double> sums(static_cast<std::size_t>((width + step[2] - 1) / step[2]));
  for (std::int64_t top = 0; top < height; top += step[1]) {
    std::ranges::fill(sums, 0);
    const std::int64_t rows = std::min(step[1], height - top);
    for (std::int64_t z = 0; z < extents[0]; ++z)
      for (std::int64_t y = top; y < top + rows; ++y) {
        const T* const row = planes + (z * height + y) * width;
        for (std::int64_t x = 0; x < width; ++x)
          sums[static_cast<std::size_t>(x / step[2])] += static_cast<double>(row[x]);
      }
    for (std::int64_t x = 0; x < width; x += step[2]) {
      const std::int64_t count = extents[0] * rows * std::min(step[2], width - x);
      *out++ = rounded<T>(sums[static_cast<std::size_t>(x / step[2])] / static_cast<double>(count));
    }
  }
}

template <class T>
void first_planes(const T* planes, const Triple& extents, const Triple& step, T* out) {
  for (std::int64_t y = 0; y < extents[1]; y += step[1])
    for (std::int64_t x = 0; x < extents[2]; x += step[2]) *out++ = planes[y * extents[2] + x];
}

}  // namespace

std::vector<PyramidLevel> pyramid_levels(const Triple& extents,
                                         const std::array<double, 3>& voxel_size) {
  std::vector<PyramidLevel> levels{{extents, {1, 1, 1}}};
  std::array<double, 3> size = voxel_size;
  while (*std::ranges::max_element(levels.back().extents) > kSmallExtent) {
    PyramidLevel next = levels.back();
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t axis = 0; axis < 3; ++axis)
      if (next.extents[axis] > 1) least = std::min(least, size[axis]);
    constexpr double kAlmostTwice = 1.999;  // headers in float32
    for (std::size_t axis = 0; axis < 3; ++axis) {
      if (next.extents[axis] == 1 || size[axis] > kAlmostTwice * least) continue;
      next.extents[axis] = (next.extents[axis] + 1) / 2;
      next.step[axis] *= 2;
      size[axis] *= 2;
    }
    levels.push_back(next);
  }
  return levels;
}

void reduce_planes(ElementType type, VoxelReduction reduction, std::span<const std::byte> planes,
                   const Triple& extents, const Triple& step, std::span<std::byte> out) {
  with_element(type, [&](auto element) {
    using Stored = decltype(element);
    const auto* from = reinterpret_cast<const Stored*>(planes.data());
    auto* to = reinterpret_cast<Stored*>(out.data());
    reduction == VoxelReduction::kMean ? mean_planes(from, extents, step, to)
                                       : first_planes(from, extents, step, to);
  });
}

}  // namespace lucid
