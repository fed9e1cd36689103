#include "objective/coarse_targets.h"

#include "tensor/parallel.h"

namespace lucid {

Triple voxel_extents(const Shape& shape) {
  const std::size_t first = shape.rank() - 3;
  return {shape[first], shape[first + 1], shape[first + 2]};
}

std::optional<Triple> target_strides(const Shape& main, const Shape& output) {
  constexpr std::size_t kVoxelRank = 4;  // C, D, H, W
  if (main.rank() != output.rank() || main.rank() < kVoxelRank) return std::nullopt;
  const Triple fine = voxel_extents(main), coarse = voxel_extents(output);
  if (fine == coarse) return std::nullopt;
  Triple strides;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    if (fine[axis] % coarse[axis] != 0) return std::nullopt;
    strides[axis] = fine[axis] / coarse[axis];
  }
  return strides;
}

void take_coarse_targets(std::span<const float> target, const Triple& extents,
                         const Triple& strides, std::vector<float>& coarse) {
  const std::int64_t volume = extents[0] * extents[1] * extents[2];
  const std::int64_t depth = extents[0] / strides[0], height = extents[1] / strides[1],
                     width = extents[2] / strides[2];
  const std::int64_t planes = std::ssize(target) / volume * depth;
  coarse.resize(static_cast<std::size_t>(planes * height * width));
  parallel_for(planes, [&](std::int64_t i) {
    const std::int64_t z = i % depth * strides[0] + strides[0] / 2;
    const float* plane = target.data() + i / depth * volume + z * extents[1] * extents[2];
    float* to = coarse.data() + i * height * width;
    for (std::int64_t y = 0; y < height; ++y) {
      const float* row = plane + (y * strides[1] + strides[1] / 2) * extents[2] + strides[2] / 2;
      for (std::int64_t x = 0; x < width; ++x) *to++ = row[x * strides[2]];
    }
  });
}

}  // namespace lucid
