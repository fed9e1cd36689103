#pragma once

#include <cstdint>
#include <vector>

#include "base/triple.h"
#include "kernels/simd/bfloat16.h"

namespace lucid {

// A pixel shuffle in 3-D, which a transposed convolution ends with: a fine volume, and a coarse one
// for each sub-pixel phase of it. Along every axis, fine voxel u is at position (u + offset) /
// stride of phase (u + offset) % stride. All strides and offsets count elements.

// Neighbouring channels of both tensors, and where their first voxel lies in a sample.
struct ChannelRun {
  std::int64_t coarse = 0;    // counts run steps of the coarse volume
  std::int64_t fine = 0;      // counts elements
  std::int64_t bias = 0;      // the first channel's index among the biases
  std::int64_t channels = 0;  // those that exist; lanes beyond them are zero
};

// The voxels of one phase.
struct CoarseVolume {
  Triple extents, step;    // step: from voxel to voxel
  std::int64_t first = 0;  // of the first sample's first run
  std::int64_t sample = 0, run_step = 1;
};

// Describes both tensors. Fine voxels of phases >= `phases`, or beyond the coarse extents, have no
// coarse voxel: interleave() takes those as 0.
struct Interleaving {
  Triple fine, stride, phases, offset;
  std::vector<CoarseVolume> coarse;  // by phase, W fastest
  std::int64_t samples = 1, fine_sample = 0;
  Triple fine_step;
  std::int64_t lanes = 1;       // of every run in the coarse volumes
  std::int64_t fine_lanes = 1;  // `lanes`, or 0: as many as the run has channels
  std::vector<ChannelRun> runs;
  bool applies_relu = false;
  float relu_slope = 0;  // below 0

  // Counts the positions along an axis that a fine or a coarse voxel has.
  std::int64_t positions(std::size_t axis) const;
  // Counts the floats of DeinterleaveBias::partial_sums.
  std::int64_t partial_sums() const;
};

// Writes fine = coarse + bias, with the ReLU if it applies. The bias may be null. Number is float
// or Bfloat16.
template <class Number>
void interleave(const Interleaving& g, const Number* coarse, const float* bias, Number* fine);

// Scratch and result of the bias gradient: null for a convolution without bias.
struct DeinterleaveBias {
  float* partial_sums = nullptr;  // always needed
  float* gradient = nullptr;
  std::int64_t count = 0;
};

// The backward pass of interleave(). It writes all of coarse_gradient and reads `fine`, the forward
// result, only if a ReLU applies.
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
