#pragma once

#include <array>
#include <vector>

#include "layers/convolution/problem/problem.h"

namespace lucid {

// Describes one axis of a transposed convolution: output voxel i * stride + k * dilation is where
// input voxel i and tap k meet. The voxels of one phase (their remainder by the stride) are what an
// ordinary convolution of stride 1 computes from the taps that reach the phase: its shift j reads
// input voxel (output / stride) - j * step. Shi et al., "Real-Time Single Image and Video
// Super-Resolution Using an Efficient Sub-Pixel Convolutional Neural Network", CVPR 2016.
struct AxisPhases {
  AxisPhases(std::int64_t kernel, std::int64_t stride, std::int64_t dilation);
  // One phase alone, with as many shifts as reach it.
  AxisPhases only(std::int64_t phase) const;

  std::int64_t phases, shifts;     // the phases that taps reach are the first ones
  std::int64_t step;               // the convolution's dilation, from 1
  std::vector<std::int64_t> taps;  // by phase * shifts + shift; -1 for none

  std::int64_t reach() const { return (shifts - 1) * step; }
};

// Packs the weight of that convolution out of the stored one, and unpacks its gradient. Stored is
// (tap, output channel of a group, input channel), packed is (shift, group, phase, padded output
// channel, input channel of a group), so that runs of input channels stay runs.
struct PhasePacking {
  explicit PhasePacking(const Problem& transposed);

  std::array<AxisPhases, 3> axes;
  Triple kernel;
  std::int64_t groups = 1, group_inputs = 1, group_outputs = 1;
  std::int64_t padded_outputs = 1;  // of a group and phase

  std::int64_t phases() const { return axes[0].phases * axes[1].phases * axes[2].phases; }
  std::int64_t shifts() const { return axes[0].shifts * axes[1].shifts * axes[2].shifts; }
  std::int64_t taps() const { return kernel[0] * kernel[1] * kernel[2]; }
  // Tells whether packed and stored are the same floats in the same order.
  bool is_identity() const;
  // A packing for each phase by itself, those along W first.
  std::vector<PhasePacking> by_phase() const;

  // (in, out / groups, kD, kH, kW), as PyTorch shapes it.
  onednn::Layout stored_layout() const;
  // (groups, in / groups, ...) of the same; the stored layout where there are no groups.
  onednn::Layout grouped_layout() const;
  // The shape is that of oneDNN's weight for the convolution of stride 1.
  onednn::Layout packed_layout() const;

  void pack(const float* stored, float* packed) const;
  void unpack(const float* packed, float* stored) const;
};

}  // namespace lucid
