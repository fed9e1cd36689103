#pragma once
// Private to this room.

#include <algorithm>
#include <array>
#include <vector>

#include "kernels/convolution/first_layer.h"
#include "kernels/convolution/winograd_transforms.h"
#include "kernels/simd/vector.h"

// What the forward pass and the weight gradient of a first layer share: tiles of 4x4 rows of y,
// which read 6x6 rows of x.
namespace lucid::first_layer {

inline constexpr std::int64_t kSide = 4, kReadSide = 6, kElements = kReadSide * kReadSide;
inline constexpr std::int64_t kTaps = 3, kAllTaps = kTaps * kTaps * kTaps;
// Voxels of a row whose products are computed at a time: what is set aside for them, 36 vectors
// each, stays in the second cache.
inline constexpr std::int64_t kRunVoxels = 64;

using ReadRows = std::array<std::array<const float*, kReadSide>, kReadSide>;

inline std::int64_t tiles_of(std::int64_t voxels) { return (voxels + kSide - 1) / kSide; }
inline std::int64_t tile_count(const FirstLayer& l) {
  return l.samples * tiles_of(l.output[0]) * tiles_of(l.output[1]);
}

// Zeros before a transformed row of x, so that the row itself begins with a cache line.
inline constexpr std::int64_t kMargin = 16;

// A transformed row of x with the zeros around it, up to whole vectors of outputs.
inline std::int64_t row_floats(const FirstLayer& l) {
  return kMargin + (l.output[2] + kTaps - 1 + 2 * kMargin - 1) / kMargin * kMargin;
}

// A tile by its place in the order of all tiles.
struct TilePlace {
  std::int64_t sample, d, h;  // of its first row of y

  TilePlace(const FirstLayer& l, std::int64_t index) {
    const std::int64_t across = tiles_of(l.output[1]), deep = tiles_of(l.output[0]);
    h = index % across * kSide;
    d = index / across % deep * kSide;
    sample = index / across / deep;
  }
};

// Parts of a thread's workspace.
struct Workspace {
  float *x, *zeros, *products;  // x: (element, input, column)

  static std::int64_t x_floats(const FirstLayer& l) { return kElements * l.inputs * row_floats(l); }
  static std::int64_t zero_floats(const FirstLayer& l) {
    return (l.input[2] + kMargin - 1) / kMargin * kMargin;
  }
  // Products of a run, and two voxels more for the taps that reach over its end.
  static std::int64_t product_floats(const FirstLayer& l) {
    return kElements * (kRunVoxels + kTaps - 1) * l.lanes;
  }

  Workspace(const FirstLayer& l, float* floats)
      : x(floats), zeros(x + x_floats(l)), products(zeros + zero_floats(l)) {}

  // What the first tap reads for the first voxel of a row.
  const float* first_read(const FirstLayer& l) const { return x + kMargin - l.padding[2]; }
};

// Fills a thread's workspace with zeros, which stay where no row is written.
void clear(const FirstLayer& l, float* floats);

// Transforms the rows of x that the tile reads, by the points of outputs or of gradients.
enum class Purpose { kOutputs, kGradients };
void transform_x(const FirstLayer& l, const TilePlace& tile, Purpose purpose, const float* x,
                 const Workspace& to);

}  // namespace lucid::first_layer
