#pragma once

#include <cstdint>

#include "base/triple.h"

namespace lucid::winograd {

// Winograd's F(4x4, 3x3) over the planes of a volume: an output tile of 4x4 takes 36 products of
// transformed elements of input and filter, where the definition takes 144. See Lavin and Gray,
// "Fast Algorithms for Convolutional Neural Networks", CVPR 2016.
inline constexpr std::int64_t kOutputTile = 4, kTaps = 3, kInputTile = 6, kTileElements = 36;

inline std::int64_t tiles(std::int64_t voxels) { return (voxels + kOutputTile - 1) / kOutputTile; }

// Some planes of a tensor (samples, blocks, D, H, W, lanes), and their transformed tiles: (samples,
// element, block, plane, tile along h, tile along w, lane). The products treat each of the 36
// elements as a tensor of its own.
struct TiledPlanes {
  std::int64_t samples = 1, blocks = 1, lanes = 16;
  Triple volume{};                    // D, H, W of the tensor
  std::int64_t begin = 0, count = 0;  // the planes; those outside the volume are zeros
  std::int64_t first_row = 0;         // of tiles along h
  std::int64_t tiles_h = 0, tiles_w = 0;
  std::int64_t pad_h = 0, pad_w = 0;  // the first tile begins so far before the volume

  std::int64_t tiles() const { return tiles_h * tiles_w; }
  std::int64_t element_floats() const { return blocks * count * tiles() * lanes; }
  std::int64_t floats() const { return samples * kTileElements * element_floats(); }
  std::int64_t tensor_floats() const {  // of a sample
    return blocks * volume[0] * volume[1] * volume[2] * lanes;
  }
};

// The epilogue adds a bias, which may be null, and multiplies values below 0 by the slope.
struct Epilogue {
  const float* bias = nullptr;  // of whole blocks
  float slope = 1;
};

// What an input is multiplied with decides by which points it is transformed.
enum class InputOf { kOutput, kWeightGradient };
// Transforms an input in tiles of 6x6 voxels, which overlap by two.
void transform_input(const TiledPlanes& planes, InputOf of, const float* tensor, float* tiles);
// An output gradient counts from this plane and this row of tiles on. What comes before is taken as
// zero, as when slabs overlap.
struct Counted {
  std::int64_t plane = 0, row = 0;
};
// Transforms an output gradient in tiles of 4x4 voxels. `sums` gets the sum of each row of tiles
// that counts: (samples, blocks, planes of the volume, its rows of tiles, lanes).
void transform_output_gradient(const TiledPlanes& planes, const Counted& counted,
                               const float* tensor, float* tiles, float* sums);
// Transforms products back to outputs.
void transform_output(const TiledPlanes& planes, const float* tiles, const Epilogue& epilogue,
                      float* tensor);

// The shape of weights: (outputs / lanes, inputs / lanes, depth, 3, 3, input lane, output lane).
// Transformed, they are (36, outputs / lanes, inputs / lanes, depth, input lane, output lane).
struct FilterShape {
  std::int64_t output_blocks = 1, input_blocks = 1, depth = 1, lanes = 16;

  std::int64_t floats() const {
    return output_blocks * input_blocks * depth * kTaps * kTaps * lanes * lanes;
  }
  std::int64_t element_floats() const {
    return output_blocks * input_blocks * depth * lanes * lanes;
  }
};

void transform_filter(const FilterShape& of, const float* weights, float* transformed);
// Transforms the filter of the convolution that computes the input gradient: inputs and outputs
// change places, and the order of taps is reversed.
void transform_reversed_filter(const FilterShape& of, const float* weights, float* transformed);
// Computes the gradient of the weights from that of the transformed filter.
void transform_filter_gradient(const FilterShape& of, const float* transformed, float* weights);

}  // namespace lucid::winograd
