#include "kernels/layout/channel_groups.h"

#include "tensor/parallel.h"

namespace lucid {

template <class Number>
void clear_padding(const ChannelRuns& where, Number* values) {
  const std::int64_t padding = where.runs() * where.lanes - where.channels;
  if (padding == 0) return;
  constexpr std::int64_t kVoxels = 1 << 10;
  for (std::int64_t n = 0; n < where.samples; ++n) {
    Number* first = values + n * where.sample_stride + (where.runs() - 1) * where.run_stride +
                    where.lanes - padding;
    parallel_blocks(where.voxels, kVoxels, [=](std::int64_t begin, std::int64_t end) {
      for (std::int64_t voxel = begin; voxel < end; ++voxel)
        std::fill_n(first + voxel * where.voxel_stride, padding, Number{});
    });
  }
}

template void clear_padding(const ChannelRuns&, float*);
template void clear_padding(const ChannelRuns&, Bfloat16*);
template void clear_padding(const ChannelRuns&, std::uint8_t*);

}  // namespace lucid
