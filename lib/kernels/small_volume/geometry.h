#pragma once

#include "kernels/small_volume/kernels.h"
#include "kernels/winograd3d/geometry.h"

namespace lucid::small_volume {

using winograd3d::element_at;

// A tensor in blocks of channels, (sample, block, D, H, W, lane).
struct Tensor {
  std::int64_t channels = 1;  // those beyond them, in the last block, are zeros
  Triple volume{};
  Type type = Type::kFloat;

  std::int64_t voxels() const { return volume[0] * volume[1] * volume[2]; }
  std::int64_t blocks(std::int64_t lanes) const { return (channels + lanes - 1) / lanes; }
};

// The taps along one axis that join a voxel to voxels inside the other volume: from the first on,
// each is `tap_step` taps and `voxel_step` voxels further.
struct Taps {
  std::int64_t count, tap, tap_step, voxel, voxel_step;
};
// The voxels of y along one axis that a tap joins to voxels inside of x.
struct Span {
  std::int64_t first, count;
};

// A convolution of one group without dilation, whose products with padding are left out.
struct Geometry {
  std::int64_t samples = 1, lanes = 16;
  Tensor x, y;
  Triple kernel{}, stride{1, 1, 1}, padding{};  // padding on the low side

  std::int64_t taps() const { return kernel[0] * kernel[1] * kernel[2]; }
  std::int64_t tap_floats() const { return lanes * lanes; }
  // Of the weights of one block of inputs and one of outputs: (tap, input lane, output lane).
  std::int64_t block_floats() const { return taps() * tap_floats(); }

  Taps taps_of_output(std::size_t axis, std::int64_t voxel) const;
  Taps taps_of_input(std::size_t axis, std::int64_t voxel) const;
  Span outputs_of_tap(std::size_t axis, std::int64_t tap) const;
  // Pairs of an output voxel and an input voxel that a tap joins.
  std::int64_t pairs() const;
};

}  // namespace lucid::small_volume
