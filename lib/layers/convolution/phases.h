#pragma once

#include <vector>

#include "base/json.h"
#include "tensor/onednn.h"

namespace lucid {

// Along one axis, output voxel i * stride + k * dilation of a transposed convolution is where input
// voxel i and tap k meet. Voxels of one phase (their remainder by the stride) are what an ordinary
// convolution of stride 1 computes, with the taps that reach the phase: shift j of it reads input
// voxel (output / stride) - j * step.
struct AxisPhases {
  AxisPhases(std::int64_t kernel, std::int64_t stride, std::int64_t dilation);
  AxisPhases only(std::int64_t phase) const;  // with as many shifts as reach it

  std::int64_t phases, shifts;     // the phases that taps reach are the first ones
  std::int64_t step;               // the convolution's dilation, from 1
  std::vector<std::int64_t> taps;  // by phase * shifts + shift; -1 for none

  std::int64_t reach() const { return (shifts - 1) * step; }
};

// The weight of that convolution out of the stored one, and the way back for gradients. Stored is
// (kernel element, output channel of a group, input channel), packed is (shift, group, phase,
// padded output channel, input channel of a group): runs of input channels stay runs.
struct PhasePacking {
  std::array<AxisPhases, 3> axes;
  Triple kernel;
  std::int64_t groups = 1, group_inputs = 1, group_outputs = 1;
  std::int64_t padded_outputs = 1;  // of a group and phase

  std::int64_t phases() const { return axes[0].phases * axes[1].phases * axes[2].phases; }
  std::int64_t shifts() const { return axes[0].shifts * axes[1].shifts * axes[2].shifts; }
  bool is_identity() const;  // packed and stored are the same numbers in the same order
  // A packing for each phase by itself, those of W first.
  std::vector<PhasePacking> by_phase() const;

  onednn::Layout stored_layout() const;  // (in, out / groups, kD, kH, kW), as PyTorch shapes it
  onednn::Layout grouped_layout()
      const;  // (groups, in / groups, ...) of the same; the same for 1 group
  onednn::Layout packed_layout() const;  // as oneDNN's convolution shapes it

  void pack(const float* stored, float* packed) const;
  void unpack(const float* packed, float* stored) const;
};

}  // namespace lucid
