#include "kernels/bytes/max_pool.h"

#include "kernels/simd/vector.h"
#include "tensor/parallel.h"

namespace lucid::bytes {
namespace {

template <int kLanes>
LUCID_INLINE void pool_row(const PoolGeometry& g, const ChannelGroups& from,
                           const ChannelGroups& to, const PoolSpan& d, const PoolSpan& h,
                           const std::uint8_t* x, std::uint8_t* y) {
  using Bytes = Vector<std::uint8_t, kLanes>;
  for (std::int64_t column = 0; column < g.output[2]; ++column) {
    Bytes most{};
    for_window(g, from.voxel_stride, d, h, inside(g, 2, column),
               [&](std::int64_t, std::int64_t offset) LUCID_ALWAYS_INLINE {
                 Bytes here;
                 load_vector(x + offset, here);
                 most = here > most ? here : most;
               });
    store_vector(most, y + column * to.voxel_stride[2]);
  }
}

LUCID_CLONED(void, pool_plane,
             (const PoolGeometry& g, const ChannelGroups& from, const ChannelGroups& to,
              std::int64_t plane, const std::uint8_t* x, std::uint8_t* y),
             (g, from, to, plane, x, y)) {
  constexpr int kBlock = 16;
  const PoolSpan d = inside(g, 0, plane);
  for (std::int64_t row = 0; row < g.output[1]; ++row) {
    const PoolSpan h = inside(g, 1, row);
    std::uint8_t* const of_row = y + plane * to.voxel_stride[0] + row * to.voxel_stride[1];
    if (from.lanes == kBlock) {
      pool_row<kBlock>(g, from, to, d, h, x, of_row);
      continue;
    }
    for (std::int64_t lane = 0; lane < from.lanes; ++lane)
      pool_row<1>(g, from, to, d, h, x + lane, of_row + lane);
  }
}

}  // namespace

void max_pool(const PoolGeometry& geometry, const ChannelGroups& from, const ChannelGroups& to,
              const std::uint8_t* x, std::uint8_t* y) {
  const std::int64_t planes = geometry.output[0];
  parallel_for(from.samples * from.groups * planes, [&](std::int64_t i) {
    const std::int64_t group = i / planes;
    pool_plane(geometry, from, to, i % planes, x + from.offset_of(group), y + to.offset_of(group));
  });
}

}  // namespace lucid::bytes
