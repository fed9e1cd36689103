#include "kernels/channel_groups.h"

#include "tensor/parallel.h"

namespace lucid {

void clear_padding(const ChannelGroups& where, std::int64_t channels, float* values) {
  const std::int64_t padding = where.groups * where.lanes - channels;
  if (padding == 0) return;
  constexpr std::int64_t kVoxels = 1 << 10;
  const std::int64_t volume = where.group_stride / where.lanes;
  for (std::int64_t n = 0; n < where.samples; ++n) {
    float* last = values + where.offset_of((n + 1) * where.groups - 1) + where.lanes - padding;
    parallel_blocks(volume, kVoxels, [=](std::int64_t begin, std::int64_t end) {
      for (std::int64_t voxel = begin; voxel < end; ++voxel)
        std::fill_n(last + voxel * where.lanes, padding, 0.F);
    });
  }
}

}  // namespace lucid
