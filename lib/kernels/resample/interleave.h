#pragma once

#include <cstdint>
#include <vector>

#include "base/triple.h"
#include "kernels/simd/bfloat16.h"

namespace lucid {

// A few neighbouring channels: where their first voxel lies in a sample of either tensor.
struct ChannelRun {
  std::int64_t coarse = 0;    // in run steps of the coarse volume
  std::int64_t fine = 0;      // in numbers
  std::int64_t bias = 0;      // the first one's place among the biases
  std::int64_t channels = 0;  // how many there are; lanes beyond them are zero
};

// The voxels of one phase; strides and offsets in numbers.
struct CoarseVolume {
  Triple extents, step;    // step: from voxel to voxel
  std::int64_t first = 0;  // of the first sample's first run
  std::int64_t sample = 0, run_step = 1;
};

// A fine volume, and coarse ones that hold its voxels by phase: voxel u lies, along every axis, at
// (u + offset) / stride of phase (u + offset) % stride. Voxels of phases >= `phases`, or beyond the
// coarse extents, lie nowhere: they are 0.
struct Interleaving {
  using Extents = Triple;
  Triple fine, stride, phases, offset;
  std::vector<CoarseVolume> coarse;  // by phase, those of W first
  std::int64_t samples = 1, fine_sample = 0;
  Triple fine_step;
  std::int64_t lanes = 1;       // of every run in the coarse volumes
  std::int64_t fine_lanes = 1;  // `lanes`, or 0: as many as the run has channels
  std::vector<ChannelRun> runs;
  bool applies_relu = false;
  float relu_slope = 0;  // below 0

  // Along an axis: places that fine voxels fall into, those beyond the coarse volumes included.
  std::int64_t places(std::size_t axis) const;
  // Floats that deinterleave() needs to sum a bias gradient.
  std::int64_t partial_sums() const;
};

// fine = coarse + bias, and the ReLU of that where it applies. A null bias is none. Number is float
// or Bfloat16.
template <class Number>
void interleave(const Interleaving& g, const Number* coarse, const float* bias, Number* fine);

struct DeinterleaveBias {
  float* partial_sums = nullptr;
  float* gradient = nullptr;  // null: no bias
  std::int64_t count = 0;
};

// The way back: all of coarse_gradient is written. `fine` is interleave()'s result, read where a
// ReLU applies.
template <class Number>
void deinterleave(const Interleaving& g, const Number* fine, const Number* fine_gradient,
                  Number* coarse_gradient, const DeinterleaveBias& bias);

extern template void interleave(const Interleaving&, const float*, const float*, float*);
extern template void interleave(const Interleaving&, const Bfloat16*, const float*, Bfloat16*);
extern template void deinterleave(const Interleaving&, const float*, const float*, float*,
                                  const DeinterleaveBias&);
extern template void deinterleave(const Interleaving&, const Bfloat16*, const Bfloat16*, Bfloat16*,
                                  const DeinterleaveBias&);

}  // namespace lucid
