#include "kernels/pool/max_pool.h"

#include <algorithm>
#include <limits>
#include <type_traits>

#include "kernels/pool/plane.h"
#include "kernels/simd/vector.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

template <int kLanes, class Index>
LUCID_INLINE void store_places(const Integers<kLanes>& places, Index* to) {
  if constexpr (kLanes == 1)
    *to = static_cast<Index>(places);
  else
    store_vector(__builtin_convertvector(places, Vector<Index, kLanes>), to);
}

// The last NaN wins.
template <int kLanes, class Walker, class Number, class Index>
LUCID_INLINE void forward_window_of_nans(const Walker& walker, const PoolSpan& d, const PoolSpan& h,
                                         const PoolSpan& w, const Number* x, Number* y,
                                         Index* index) {
  using V = Floats<kLanes>;
  using I = Integers<kLanes>;
  V best = V{} - std::numeric_limits<float>::infinity();
  I place = I{} + walker.first_place(d, h, w);
  walker.walk(d, h, w, [&](std::int64_t at, std::int64_t offset) LUCID_ALWAYS_INLINE {
    V value;
    load_lanes<kLanes>(x + offset, value);
    const I here = I{} + static_cast<std::int32_t>(at);
    place = value > best ? here : place;
    best = value > best ? value : best;
    place = value != value ? here : place;
    best = value != value ? value : best;
  });
  store_lanes<kLanes>(best, y);
  if (index != nullptr) store_places<kLanes>(place, index);
}

template <int kLanes>
LUCID_INLINE bool is_any(const Integers<kLanes>& mask) {
  if constexpr (kLanes == 1) {
    return mask != 0;
  } else {
    std::int32_t any = 0;
    for (int lane = 0; lane < kLanes; ++lane) any |= mask[lane];
    return any != 0;
  }
}

// First the maximum, a short chain of instructions from voxel to voxel; then the first voxel that
// is equal to it. GCC takes comparisons of 16 floats apart, one by one: no more than 8 lanes here.
template <int kLanes, class Walker, class Number, class Index>
LUCID_INLINE void forward_window(const Walker& walker, const PoolSpan& d, const PoolSpan& h,
                                 const PoolSpan& w, const Number* x, Number* y, Index* index) {
  using V = Floats<kLanes>;
  using I = Integers<kLanes>;
  V best = V{} - std::numeric_limits<float>::infinity();
  I nans{};
  walker.walk(d, h, w, [&](std::int64_t, std::int64_t offset) LUCID_ALWAYS_INLINE {
    V value;
    load_lanes<kLanes>(x + offset, value);
    best = value > best ? value : best;
    nans |= value != value;
  });
  if (is_any<kLanes>(nans)) return forward_window_of_nans<kLanes>(walker, d, h, w, x, y, index);
  store_lanes<kLanes>(best, y);
  if (index == nullptr) return;
  I place{};
  walker.walk_back(d, h, w, [&](std::int64_t at, std::int64_t offset) LUCID_ALWAYS_INLINE {
    V value;
    load_lanes<kLanes>(x + offset, value);
    place = value == best ? I{} + static_cast<std::int32_t>(at) : place;
  });
  store_places<kLanes>(place, index);
}

template <int kLanes, class Walker, class Number, class Index>
LUCID_INLINE void forward_plane(const PoolPlane& p, const Number* x, Number* y, Index* index) {
  constexpr int kPiece = kLanes == 16 ? 8 : kLanes;
  const Walker walker(p);
  for_outputs(p, [&](const PoolSpan& d, const PoolSpan& h, const PoolSpan& w,
                     std::int64_t to) LUCID_ALWAYS_INLINE {
    if constexpr (kLanes > 1 && Walker::kIsBoundByMemory)
      walker.walk(d, h, w, [&](std::int64_t, std::int64_t offset) LUCID_ALWAYS_INLINE {
        prefetch_next(p, x + offset);
      });
    const auto pool = [&](const auto& by) LUCID_ALWAYS_INLINE {
      for (int lane = 0; lane < kLanes; lane += kPiece)
        forward_window<kPiece>(by, d, h, w, x + lane, y + to + lane,
                               index == nullptr ? nullptr : index + to + lane);
    };
    if (std::is_same_v<Walker, AnyPoolWindow> && is_whole_cube(p, d, h, w))
      pool(PoolCube<3>(p));
    else
      pool(walker);
  });
}

// Windows that tile the input write every voxel once; others add to voxels that are 0 at first.
template <int kLanes, bool kIsTiling, class Walker, class Number, class Index>
LUCID_INLINE void backward_plane(const PoolPlane& p, const Index* index,
                                 const PooledRelu<Number>& relu, const Number* dy, Number* dx) {
  using V = Floats<kLanes>;
  using I = Integers<kLanes>;
  using Indices = Vector<Index, kLanes>;
  const Walker walker(p);
  for_outputs(p, [&](const PoolSpan& d, const PoolSpan& h, const PoolSpan& w,
                     std::int64_t from) LUCID_ALWAYS_INLINE {
    V gradient;
    load_lanes<kLanes>(dy + from, gradient);
    if (relu.pooled != nullptr) {
      V pooled;
      load_lanes<kLanes>(relu.pooled + from, pooled);
      gradient = pooled <= 0.F ? relu.slope * gradient : gradient;
    }
    I place;
    if constexpr (kLanes == 1) {
      place = static_cast<I>(index[from]);
    } else {
      Indices places;
      load_vector(index + from, places);
      place = __builtin_convertvector(places, I);
    }
    walker.walk(d, h, w, [&](std::int64_t at, std::int64_t offset) LUCID_ALWAYS_INLINE {
      if constexpr (kLanes > 1 && Walker::kIsBoundByMemory) prefetch_next(p, dx + offset);
      const V share = place == static_cast<std::int32_t>(at) ? gradient : V{};
      V sum{};
      if (!kIsTiling) load_lanes<kLanes>(dx + offset, sum);
      store_lanes<kLanes>(sum + share, dx + offset);
    });
  });
}

// The functions that are compiled once an instruction set.
#define LUCID_POOL_PLANES(kLanes, Number, Index, forward_name, backward_name, Walker)              \
  LUCID_CLONED(void, forward_name, (const PoolPlane& p, const Number* x, Number* y, Index* index), \
               (p, x, y, index)) {                                                                 \
    forward_plane<kLanes, Walker>(p, x, y, index);                                                 \
  }                                                                                                \
  LUCID_CLONED(void, backward_name,                                                                \
               (const PoolPlane& p, const Index* index, const PooledRelu<Number>& relu,            \
                const Number* dy, Number* dx),                                                     \
               (p, index, relu, dy, dx)) {                                                         \
    if (p.geometry->is_tiling())                                                                   \
      backward_plane<kLanes, true, Walker>(p, index, relu, dy, dx);                                \
    else                                                                                           \
      backward_plane<kLanes, false, Walker>(p, index, relu, dy, dx);                               \
  }
#define LUCID_POOL_LANES(kLanes, Number)                                                         \
  LUCID_POOL_PLANES(kLanes, Number, std::uint8_t, forward_##kLanes, backward_##kLanes,           \
                    AnyPoolWindow)                                                               \
  LUCID_POOL_PLANES(kLanes, Number, std::int32_t, forward_##kLanes, backward_##kLanes,           \
                    AnyPoolWindow)                                                               \
  LUCID_POOL_PLANES(kLanes, Number, std::uint8_t, pair_forward_##kLanes, pair_backward_##kLanes, \
                    PoolPairs)

LUCID_POOL_LANES(16, float)
LUCID_POOL_LANES(8, float)
LUCID_POOL_LANES(1, float)
LUCID_POOL_LANES(16, Bfloat16)
LUCID_POOL_LANES(8, Bfloat16)
LUCID_POOL_LANES(1, Bfloat16)
#undef LUCID_POOL_PLANES
#undef LUCID_POOL_LANES

template <class Number, class Index>
struct PlaneFunctions {
  void (*forward)(const PoolPlane&, const Number*, Number*, Index*);
  void (*backward)(const PoolPlane&, const Index*, const PooledRelu<Number>&, const Number*,
                   Number*);
};

template <class Number, class Index>
PlaneFunctions<Number, Index> functions_for(const PoolGeometry& g, std::int64_t lanes) {
  using Functions = PlaneFunctions<Number, Index>;
  if constexpr (sizeof(Index) == 1)
    if (has_pairs(g))
      return lanes == 16  ? Functions{pair_forward_16, pair_backward_16}
             : lanes == 8 ? Functions{pair_forward_8, pair_backward_8}
                          : Functions{pair_forward_1, pair_backward_1};
  return lanes == 16  ? Functions{forward_16, backward_16}
         : lanes == 8 ? Functions{forward_8, backward_8}
                      : Functions{forward_1, backward_1};
}

}  // namespace

template <class Number, class Index>
void max_pool_forward(const PoolGeometry& geometry, const ChannelGroups& in,
                      const ChannelGroups& out, const Number* x, Number* y, Index* index) {
  const std::int64_t planes = geometry.output[0];
  const auto run = functions_for<Number, Index>(geometry, in.lanes).forward;
  parallel_for(in.samples * in.groups * planes, [&](std::int64_t i) {
    const std::int64_t group = i / planes;
    run({&geometry, in.voxel_stride, out.voxel_stride, i % planes}, x + in.offset_of(group),
        y + out.offset_of(group), index == nullptr ? nullptr : index + out.offset_of(group));
  });
}

template <class Number, class Index>
void max_pool_backward(const PoolGeometry& geometry, const ChannelGroups& in,
                       const ChannelGroups& out, const Index* index, const PooledRelu<Number>& relu,
                       const Number* dy, Number* dx) {
  constexpr std::int64_t kZeroBlock = 1 << 14;
  if (!geometry.is_tiling())
    parallel_blocks(
        in.samples * in.sample_stride, kZeroBlock,
        [&](std::int64_t begin, std::int64_t end) { std::fill(dx + begin, dx + end, Number{}); });
  // Planes of windows that share input voxels go to one thread, one after the other.
  const std::int64_t planes = geometry.output[0], together = geometry.is_disjoint(0) ? 1 : planes;
  const auto run = functions_for<Number, Index>(geometry, in.lanes).backward;
  parallel_for(in.samples * in.groups * planes / together, [&](std::int64_t i) {
    const std::int64_t group = i * together / planes, first = i * together % planes;
    const std::int64_t at = out.offset_of(group);
    const Number* pooled = relu.pooled == nullptr ? nullptr : relu.pooled + at;
    for (std::int64_t od = first; od < first + together; ++od)
      run({&geometry, in.voxel_stride, out.voxel_stride, od}, index + at, {pooled, relu.slope},
          dy + at, dx + in.offset_of(group));
  });
}

#define LUCID_POOL(Number, Index)                                                                  \
  template void max_pool_forward(const PoolGeometry&, const ChannelGroups&, const ChannelGroups&,  \
                                 const Number*, Number*, Index*);                                  \
  template void max_pool_backward(const PoolGeometry&, const ChannelGroups&, const ChannelGroups&, \
                                  const Index*, const PooledRelu<Number>&, const Number*,          \
                                  Number*);

LUCID_POOL(float, std::uint8_t)
LUCID_POOL(float, std::int32_t)
LUCID_POOL(Bfloat16, std::uint8_t)
LUCID_POOL(Bfloat16, std::int32_t)
#undef LUCID_POOL

}  // namespace lucid
