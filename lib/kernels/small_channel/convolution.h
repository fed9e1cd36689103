#pragma once

#include <cstdint>

#include "base/triple.h"
#include "kernels/small_channel/tile.h"

namespace lucid {

// Describes a convolution of stride 1 from or to few channels. Tensors are (samples, blocks, D, H,
// W, lanes).
struct SmallChannelGeometry {
  std::int64_t lanes = 16, samples = 1, inputs = 1, outputs = 1;  // channels, as the user counts
  Triple input{}, output{}, kernel{}, padding{};                  // padding: before the volume

  // Outputs that fill at most half of a vector take two lanes and two inputs at a time.
  std::int64_t group() const { return 2 * outputs <= lanes ? 2 : 1; }
  std::int64_t groups() const { return (inputs + group() - 1) / group(); }
  std::int64_t blocks() const { return (inputs + lanes - 1) / lanes; }
  std::int64_t output_blocks() const { return (outputs + lanes - 1) / lanes; }
  std::int64_t taps() const { return kernel[0] * kernel[1] * kernel[2]; }
  std::int64_t block_weights() const { return taps() * groups() * lanes; }
  std::int64_t weight_floats() const { return output_blocks() * block_weights(); }
};

class SmallChannelConvolution {
 public:
  // `tiles`: of what the processor has.
  SmallChannelConvolution(const SmallChannelGeometry& geometry, const small_channel::Tile* tiles);

  // Is there a tile, and does its input fit what a thread sets aside?
  static bool can_compute(const SmallChannelGeometry& geometry, const small_channel::Tile* tiles);

  // `from`: (outputs, inputs, tap). Of the convolution that computes the input's gradient, inputs
  // and outputs change places, and taps their order: `from` is (inputs, outputs, tap) then.
  void pack(const float* from, float* weights) const;
  void pack_reversed(const float* from, float* weights) const;

  // y = x * weights + bias (null: none); what is below 0 is multiplied by the slope. Padding
  // channels of x must not be NaN or infinite.
  void run(const float* x, const float* weights, const float* bias, float slope, float* y) const;

 private:
  struct From {  // weights as they are stored, and the steps from one to the next
    const float* first;
    std::int64_t output, input, tap;
  };

  void pack(const From& from, float* weights) const;
  std::int64_t frame_floats() const;
  void compute_row(const small_channel::TileArguments& common, std::int64_t row, const float* x,
                   float* y) const;
  void compute_tile(const small_channel::TileArguments& common, std::int64_t column) const;
  void compute_block(const small_channel::TileArguments& tile, std::int64_t block,
                     std::int64_t voxels) const;
  void frame(small_channel::TileArguments& a, std::int64_t first, float* to) const;

  SmallChannelGeometry g_;
  const small_channel::Tile* tile_;
};

}  // namespace lucid
