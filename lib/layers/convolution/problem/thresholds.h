#pragma once

#include <cstdint>
#include <span>

#include "base/machine/processor.h"
#include "tensor/vector_set.h"

namespace lucid {

// Where one route of a convolution overtakes another. The initial values are those of any
// processor that has no row of its own; `lucid-bench tune` measures a row. Which row holds depends
// on the processor and its vectors alone, so that a machine always takes the same routes.
struct Thresholds {
  static constexpr std::int64_t kNever = std::int64_t{1} << 40;

  const char* name = "any processor";

  // Winograd: channels that pay for the transforms of x and y, and input channels that do beside
  // another forward route (measured with 8 to 256); output voxels that pay for the transform of the
  // weights (4x4x4 to 12x12x12); voxels of all tiles over those of the volume, whose edge cuts
  // tiles.
  std::int64_t winograd_channels = 16, winograd_gradient_inputs = 8, winograd_voxels = 1200;
  double winograd_waste = 2;
  // A quarter of the products; a weight gradient is left to the small-channel kernel before.
  double winograd_cost = 0.3, winograd_gradient_cost = 0.4;

  // Voxels of a row from which on our weight gradients overtake oneDNN's, which starts a row in a
  // few instructions, ours in some fifty: measured with rows of 7 to 128.
  std::int64_t blocked_gradient_row = 32, small_channel_row = 24;
  // Input channels up to which the small-channel kernel computes outputs faster even where they
  // fill the vectors of oneDNN.
  std::int64_t small_channel_inputs = 0;

  // First layers: values of x in a row, those of all input channels, from which on the fewer
  // products pay for their transforms; rows of y in all tiles over those of the volume. Where
  // nothing was measured, no first layer takes the route.
  std::int64_t first_layer_row = kNever, first_layer_gradient_row = kNever;
  double first_layer_waste = 1.5;
  // With strides: products, transforms counted in, over those of a direct convolution.
  double first_layer_strided = 0;
};

// A row of the table: the models of a family from the first to the last.
struct ThresholdsRow {
  const char* vendor;
  int family, first_model, last_model;
  onednn::VectorSet vectors;
  Thresholds thresholds;
};

std::span<const ThresholdsRow> thresholds_table();

// The row of that processor, or the one of any.
Thresholds thresholds_of(const Processor& processor, onednn::VectorSet vectors);

}  // namespace lucid
