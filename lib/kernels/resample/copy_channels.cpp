#include "kernels/resample/copy_channels.h"

#include <algorithm>

#include "kernels/simd/clones.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

struct Strides {
  std::int64_t from, to;
};

template <int kLanes, class Number>
LUCID_INLINE void copy_fixed(std::int64_t voxels, const Strides& step, const Number* from,
                             Number* to) {
  for (std::int64_t v = 0; v < voxels; ++v)
    for (int lane = 0; lane < kLanes; ++lane) to[v * step.to + lane] = from[v * step.from + lane];
}

// Voxel by voxel. Half a block, a block and a single lane are what is usually left.
template <class Number>
LUCID_INLINE void copy_voxels(std::int64_t voxels, const Strides& step, std::int64_t lanes,
                              const Number* from, Number* to) {
  if (lanes == 16) return copy_fixed<16>(voxels, step, from, to);
  if (lanes == 8) return copy_fixed<8>(voxels, step, from, to);
  if (lanes == 1) return copy_fixed<1>(voxels, step, from, to);
  for (std::int64_t v = 0; v < voxels; ++v)
    for (std::int64_t lane = 0; lane < lanes; ++lane)
      to[v * step.to + lane] = from[v * step.from + lane];
}

// The functions that are compiled once an instruction set.
LUCID_CLONED(void, copy_strided,
             (std::int64_t voxels, const Strides& step, std::int64_t lanes, const float* from,
              float* to),
             (voxels, step, lanes, from, to)) {
  copy_voxels(voxels, step, lanes, from, to);
}
LUCID_CLONED(void, copy_strided,
             (std::int64_t voxels, const Strides& step, std::int64_t lanes, const Bfloat16* from,
              Bfloat16* to),
             (voxels, step, lanes, from, to)) {
  copy_voxels(voxels, step, lanes, from, to);
}
LUCID_CLONED(void, copy_strided,
             (std::int64_t voxels, const Strides& step, std::int64_t lanes,
              const std::uint8_t* from, std::uint8_t* to),
             (voxels, step, lanes, from, to)) {
  copy_voxels(voxels, step, lanes, from, to);
}

std::int64_t offset_of(const ChannelRuns& where, std::int64_t channel) {
  return channel / where.lanes * where.run_stride + channel % where.lanes;
}

}  // namespace

ChannelCopy::ChannelCopy(const Place& from, const Place& to, std::int64_t channels)
    : from_(from.where), to_(to.where) {
  for (std::int64_t done = 0; done < channels;) {
    const std::int64_t a = from.first + done, b = to.first + done;
    const std::int64_t lanes =
        std::min({channels - done, from_.lanes - a % from_.lanes, to_.lanes - b % to_.lanes});
    pieces_.push_back({offset_of(from_, a), offset_of(to_, b), lanes});
    done += lanes;
  }
}

// All pieces of a block of voxels, then the next block: where the layouts differ, the pieces write
// to the same lines.
template <class Number>
void ChannelCopy::run(const Number* from, Number* to) const {
  constexpr std::int64_t kFloats = 1 << 12;
  const auto pieces = static_cast<std::int64_t>(pieces_.size());
  const std::int64_t block =
      std::max<std::int64_t>(1, kFloats / std::max(from_.voxel_stride, to_.voxel_stride));
  const std::int64_t blocks = (from_.voxels + block - 1) / block;
  parallel_for(from_.samples * blocks * pieces, [&](std::int64_t i) {
    const std::int64_t sample = i / pieces / blocks, begin = i / pieces % blocks * block;
    copy_piece(pieces_[static_cast<std::size_t>(i % pieces)], from + sample * from_.sample_stride,
               to + sample * to_.sample_stride, begin, std::min(from_.voxels, begin + block));
  });
}

template <class Number>
void ChannelCopy::copy_piece(const Piece& piece, const Number* from, Number* to, std::int64_t begin,
                             std::int64_t end) const {
  const Strides step{from_.voxel_stride, to_.voxel_stride};
  from += piece.from + begin * step.from;
  to += piece.to + begin * step.to;
  if (piece.lanes == step.from && piece.lanes == step.to)
    std::copy_n(from, (end - begin) * piece.lanes, to);
  else
    copy_strided(end - begin, step, piece.lanes, from, to);
}

template void ChannelCopy::run(const float*, float*) const;
template void ChannelCopy::run(const Bfloat16*, Bfloat16*) const;
template void ChannelCopy::run(const std::uint8_t*, std::uint8_t*) const;

}  // namespace lucid
