#include "infer/window/coarse_output.h"

#include "tensor/parallel.h"

namespace lucid {

std::vector<float> repeated(std::span<const float> values, const Triple& extents,
                            const Triple& strides) {
  const std::int64_t depth = extents[0] * strides[0], height = extents[1] * strides[1],
                     width = extents[2] * strides[2],
                     channels = std::ssize(values) / (extents[0] * extents[1] * extents[2]);
  std::vector<float> fine(static_cast<std::size_t>(channels * depth * height * width));
  parallel_for(channels * depth, [&](std::int64_t i) {
    const std::int64_t plane = i / depth * extents[0] + i % depth / strides[0];
    float* to = fine.data() + i * height * width;
    for (std::int64_t y = 0; y < height; ++y) {
      const float* row = values.data() + (plane * extents[1] + y / strides[1]) * extents[2];
      for (std::int64_t x = 0; x < width; ++x) *to++ = row[x / strides[2]];
    }
  });
  return fine;
}

VoxelPick coarse_voxels(const WindowGrid& grid, const Triple& strides, std::int64_t first,
                        std::int64_t count) {
  VoxelPick pick;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const std::int64_t begin = axis == 0 ? first : 0,
                       end = axis == 0 ? first + count : grid.axes[axis].extent;
    for (std::int64_t at = begin; at < end; ++at)
      if ((at + grid.axes[axis].before) % strides[axis] == strides[axis] / 2)
        pick[axis].push_back(at);
  }
  return pick;
}

std::vector<float> picked(std::span<const float> planes, std::int64_t first, std::int64_t channels,
                          const Triple& volume, const VoxelPick& pick) {
  std::vector<float> values;
  values.reserve(pick[0].size() * static_cast<std::size_t>(channels) * pick[1].size() *
                 pick[2].size());
  for (const std::int64_t z : pick[0])
    for (std::int64_t c = 0; c < channels; ++c)
      for (const std::int64_t y : pick[1]) {
        const float* row =
            planes.data() + (((z - first) * channels + c) * volume[1] + y) * volume[2];
        for (const std::int64_t x : pick[2]) values.push_back(row[x]);
      }
  return values;
}

}  // namespace lucid
