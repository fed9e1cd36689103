#pragma once
// Private to this room.

#include <algorithm>
#include <array>
#include <vector>

#include "kernels/convolution/first_layer.h"
#include "kernels/convolution/winograd_transforms.h"
#include "kernels/simd/vector.h"

// What the forward pass and the weight gradient of a first layer share: tiles of 4x4 rows of y,
// which read 6x6 rows of each channel of x. A channel is one phase of the rows of an input:
// (input, phase of depth, phase of height).
namespace lucid::first_layer {

inline constexpr std::int64_t kSide = 4, kReadSide = 6, kElements = kReadSide * kReadSide;
inline constexpr std::int64_t kTaps = 3;  // of a phase in depth and height; some may be zero
// Voxels of a row of dy whose transforms are set aside at a time: they stay in the second cache.
inline constexpr std::int64_t kRunVoxels = 64;

using ReadRows = std::array<std::array<const float*, kReadSide>, kReadSide>;

inline std::int64_t tiles_of(std::int64_t voxels) { return (voxels + kSide - 1) / kSide; }
inline std::int64_t tile_count(const FirstLayer& l) {
  return l.samples * tiles_of(l.output[0]) * tiles_of(l.output[1]);
}

// The phases of a channel in depth and height.
inline std::int64_t phase_of(const FirstLayer& l, std::int64_t channel, int axis) {
  return axis == 0 ? channel / l.stride[1] % l.stride[0] : channel % l.stride[1];
}

// Points of Winograd's algorithm, of the first six, that the rows of a phase need along an axis:
// one for each row that is written, and one for each tap but the first. Fewer than three are not
// worth a transform of their own.
inline std::int64_t points_of(const FirstLayer& l, std::int64_t channel, int axis,
                              std::int64_t rows) {
  const auto i = static_cast<std::size_t>(axis);
  const std::int64_t phase = phase_of(l, channel, axis);
  const std::int64_t taps = (l.kernel[i] - phase + l.stride[i] - 1) / l.stride[i];
  return std::max<std::int64_t>(3, rows + taps - 1);
}

// The channels whose products add up to an element. Others have no taps or rows there.
struct ElementChannels {
  int count = 0;
  std::array<int, FirstLayer::kMostChannels> channels{};
};
using TileChannels = std::array<ElementChannels, kElements>;

// Of a tile that has so many rows of y.
TileChannels channels_of(const FirstLayer& l, std::int64_t planes, std::int64_t rows);

// Floats up to which a row begins with a cache line.
inline constexpr std::int64_t kLine = 16;
inline std::int64_t whole_lines(std::int64_t floats) {
  return (floats + kLine - 1) / kLine * kLine;
}

// Zeros before a transformed row of x.
inline std::int64_t margin(const FirstLayer& l) { return l.padding[2] > 0 ? kLine : 0; }

// A transformed row of x with the zeros around it that outputs read.
inline std::int64_t row_floats(const FirstLayer& l) {
  const std::int64_t read = (l.output[2] - 1) * l.stride[2] + l.kernel[2] - l.padding[2];
  return margin(l) + whole_lines(std::max(l.input[2], read));
}

// A tile by its place in the order of all tiles.
struct TilePlace {
  std::int64_t sample, d, h;  // of its first row of y
  std::int64_t planes, rows;  // of y

  TilePlace(const FirstLayer& l, std::int64_t index) {
    const std::int64_t across = tiles_of(l.output[1]), deep = tiles_of(l.output[0]);
    h = index % across * kSide;
    d = index / across % deep * kSide;
    sample = index / across / deep;
    planes = std::min(kSide, l.output[0] - d);
    rows = std::min(kSide, l.output[1] - h);
  }
};

// The channels of all tiles, of which only the last ones of an axis may have fewer rows.
class KindsOfTiles {
 public:
  explicit KindsOfTiles(const FirstLayer& l);
  const TileChannels& channels(const TilePlace& tile) const {
    return kinds_[tile.planes < kSide ? 1 : 0][tile.rows < kSide ? 1 : 0];
  }

 private:
  std::array<std::array<TileChannels, 2>, 2> kinds_;
};

// Parts of a thread's workspace.
struct Workspace {
  float *x, *zeros, *products;  // x: (element, channel, column)

  static std::int64_t x_floats(const FirstLayer& l) {
    return kElements * l.channels() * row_floats(l);
  }
  static std::int64_t zero_floats(const FirstLayer& l) { return whole_lines(l.input[2]); }
  // Products of a run, or transforms of a run of dy.
  static std::int64_t product_floats(const FirstLayer& l) {
    constexpr std::int64_t kProductVoxels = 16;  // at most
    return kElements * (std::max(kProductVoxels, std::min(kRunVoxels, l.output[2])) + 1) * l.lanes;
  }

  Workspace(const FirstLayer& l, float* floats)
      : x(floats), zeros(x + x_floats(l)), products(zeros + zero_floats(l)) {}

  // What the first tap reads for the first voxel of a row.
  const float* first_read(const FirstLayer& l) const { return x + margin(l) - l.padding[2]; }
};

// Fills a thread's workspace with zeros, which stay where no row is written.
void clear(const FirstLayer& l, float* floats);

// Transforms the rows of x that the tile reads, by the points of outputs or of gradients.
enum class Purpose { kOutputs, kGradients };
void transform_x(const FirstLayer& l, const TilePlace& tile, Purpose purpose, const float* x,
                 const Workspace& to);

// The products of some voxels for one block of outputs.
struct ProductRun {
  const TileChannels* channels;
  std::int64_t all_channels;
  const float* x;          // what the first tap reads for the first voxel
  std::int64_t row;        // floats of a row of x
  const float* weights;    // (element, channel, tap, lane)
  std::int64_t pieces;     // of as many voxels as the kernel takes at a time
  float* to;               // (element, voxel, lane)
  std::int64_t to_voxels;  // voxels from one element to the next
};

// A kernel that computes so many voxels at a time; all past the end of a row are of no use.
struct ProductKernel {
  std::int64_t lanes, taps, stride, voxels;
  void (*run)(const ProductRun&);
};

// The one that computes the fewest voxels of a row; null where there is none.
const ProductKernel* product_kernel(const FirstLayer& l);

// Products of x and dy for one block of outputs, added to `sums`.
struct SumRun {
  const TileChannels* channels;
  std::int64_t all_channels;
  const float* x;
  std::int64_t row;
  const float* dy;  // (element, voxel, lane)
  std::int64_t dy_voxels, voxels;
  float* sums;  // (element, channel, tap, lane)
};

void add_products(const FirstLayer& l, const SumRun& run);

}  // namespace lucid::first_layer
