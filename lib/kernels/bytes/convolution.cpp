#include "kernels/bytes/convolution.h"

#include <algorithm>
#include <cstring>

#include "kernels/bytes/tile.h"
#include "tensor/parallel.h"

namespace lucid::bytes {
namespace {

constexpr std::int64_t kAlignment = 64;

std::int64_t aligned(std::int64_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

std::int64_t volume(const Triple& extents) { return extents[0] * extents[1] * extents[2]; }

// Where a thread keeps what it reads: rows of x between their padding, a ring of them for every
// plane of the window, the numbers of those rows, and the places of a row's segments.
struct Scratch {
  std::int64_t ring, row_voxels, row_bytes, rows, tags, segments, total;

  explicit Scratch(const Convolution& c) {
    const Triple window = c.window();
    ring = (window[1] - 1) * c.dilation[1] + 1;
    row_voxels = (c.output[2] - 1) * c.stride[2] + (window[2] - 1) * c.dilation[2] + 1;
    row_bytes = aligned(c.input_blocks() * row_voxels * c.lanes + kQuad);
    const std::int64_t row_count = c.reads_in_place() ? 0 : window[0] * ring + 1;
    rows = 0;
    tags = row_count * row_bytes;
    segments = aligned(tags + row_count * std::int64_t{sizeof(std::int64_t)});
    total = aligned(segments + c.segment_count() * std::int64_t{sizeof(const std::uint8_t*)});
  }
};

// Computes some rows of y, one after the other.
class RowWorker {
 public:
  RowWorker(const Convolution& c, const Operands& o, std::uint8_t* scratch)
      : c_(c),
        o_(o),
        places_(c),
        packed_(c),
        rows_(scratch),
        tags_(reinterpret_cast<std::int64_t*>(scratch + places_.tags)),
        segments_(reinterpret_cast<const std::uint8_t**>(scratch + places_.segments)) {
    if (!c.reads_in_place()) std::memset(zero_row(), o.x_scale.zero, size(places_.row_bytes));
  }

  // Row h of plane d of a sample, counted in x for a transposed convolution and in y for others.
  void run(std::int64_t sample, std::int64_t d, std::int64_t h, std::int64_t first_group,
           std::int64_t group_end) {
    if (c_.reads_in_place())
      find_in_place(sample, d, h);
    else
      gather(sample, d, h);
    for (std::int64_t phase = 0; phase < c_.phases(); ++phase)
      for (std::int64_t group = first_group; group < group_end; ++group)
        compute(sample, d, h, phase, group);
  }

 private:
  static std::size_t size(std::int64_t bytes) { return static_cast<std::size_t>(bytes); }
  std::uint8_t* zero_row() const {
    return rows_ + c_.window()[0] * places_.ring * places_.row_bytes;
  }
  const std::uint8_t* row_of_x(std::int64_t sample, std::int64_t block, std::int64_t d,
                               std::int64_t h) const {
    const std::int64_t row = ((sample * c_.input_blocks() + block) * c_.input[0] + d) * c_.input[1];
    return o_.x + (row + h) * c_.input[2] * c_.lanes;
  }

  // Calls place(block) for the row of x that row (i, j) of the window reads.
  template <class Place>
  void set_segments(std::int64_t i, std::int64_t j, const Place& place) {
    const std::int64_t columns = c_.has_whole_rows() ? 1 : c_.window()[2];
    std::int64_t at = (i * c_.window()[1] + j) * columns * c_.input_blocks();
    for (std::int64_t k = 0; k < columns; ++k)
      for (std::int64_t block = 0; block < c_.input_blocks(); ++block)
        segments_[at++] = place(block) + k * c_.dilation[2] * c_.lanes;
  }

  void find_in_place(std::int64_t sample, std::int64_t d, std::int64_t h) {
    for (std::int64_t i = 0; i < c_.window()[0]; ++i)
      for (std::int64_t j = 0; j < c_.window()[1]; ++j)
        set_segments(i, j, [&](std::int64_t block) {
          return row_of_x(sample, block, origin(0, d) + i * c_.dilation[0],
                          origin(1, h) + j * c_.dilation[1]);
        });
  }

  // Where the window of an output begins.
  std::int64_t origin(std::size_t axis, std::int64_t at) const {
    return c_.is_transposed ? at : at * c_.stride[axis] - c_.pad_low[axis];
  }

  void gather(std::int64_t sample, std::int64_t d, std::int64_t h) {
    if (sample != sample_ || d != plane_) std::fill_n(tags_, c_.window()[0] * places_.ring, kNone);
    sample_ = sample;
    plane_ = d;
    for (std::int64_t i = 0; i < c_.window()[0]; ++i)
      for (std::int64_t j = 0; j < c_.window()[1]; ++j) {
        const std::uint8_t* const row =
            row_for(i, origin(0, d) + i * c_.dilation[0], origin(1, h) + j * c_.dilation[1]);
        set_segments(
            i, j, [&](std::int64_t block) { return row + block * places_.row_voxels * c_.lanes; });
      }
  }

  // A row of x between its padding, copied unless it is there.
  const std::uint8_t* row_for(std::int64_t plane, std::int64_t d, std::int64_t h) {
    if (d < 0 || d >= c_.input[0] || h < 0 || h >= c_.input[1]) return zero_row();
    const std::int64_t slot = plane * places_.ring + h % places_.ring;
    std::uint8_t* const row = rows_ + slot * places_.row_bytes;
    if (tags_[slot] == h) return row;
    tags_[slot] = h;
    const std::int64_t before = c_.pad_low[2];
    const std::int64_t inside =
        std::clamp(places_.row_voxels - before, std::int64_t{0}, c_.input[2]);
    const std::int64_t after = std::max(std::int64_t{0}, places_.row_voxels - before - inside);
    for (std::int64_t block = 0; block < c_.input_blocks(); ++block) {
      std::uint8_t* to = row + block * places_.row_voxels * c_.lanes;
      const std::int64_t front = std::min(before, places_.row_voxels) * c_.lanes;
      std::memset(to, o_.x_scale.zero, size(front));
      std::memcpy(to + front, row_of_x(sample_, block, d, h), size(inside * c_.lanes));
      std::memset(to + front + inside * c_.lanes, o_.x_scale.zero, size(after * c_.lanes));
    }
    return row;
  }

  TileArguments arguments(std::int64_t phase, std::int64_t first, std::int64_t count) const;
  std::int64_t begin_of_y(std::int64_t sample, std::int64_t d, std::int64_t h, std::int64_t phase,
                          std::int64_t first) const;
  void compute(std::int64_t sample, std::int64_t d, std::int64_t h, std::int64_t phase,
               std::int64_t group);

  static constexpr std::int64_t kNone = -1;

  const Convolution& c_;
  const Operands& o_;
  Scratch places_;
  PackedWeights packed_;
  std::uint8_t* rows_;
  std::int64_t* tags_;  // the row of x that lies in each slot
  const std::uint8_t** segments_;
  std::int64_t sample_ = kNone, plane_ = kNone;
};

// What the tiles of a row have in common, for some blocks of the outputs of a phase.
TileArguments RowWorker::arguments(std::int64_t phase, std::int64_t first,
                                   std::int64_t count) const {
  const std::int64_t block = phase * c_.output_blocks() + first;
  const std::int64_t last = c_.outputs - (first + count - 1) * kLanes;
  const bool is_plain = c_.has_plain_output;
  const auto* const starts =
      reinterpret_cast<const std::int32_t*>(o_.weights + packed_.start_offset());
  const auto* const scales = reinterpret_cast<const float*>(o_.weights + packed_.scale_offset());
  return {.segments = segments_,
          .segment_count = c_.segment_count(),
          .quads = c_.quads(),
          .offset = 0,
          .voxel_bytes = is_plain ? c_.input_blocks() * volume(c_.input) * c_.lanes
                                  : c_.lanes * (c_.is_transposed ? 1 : c_.stride[2]),
          .weights = reinterpret_cast<const std::int8_t*>(o_.weights) + block * c_.block_bytes(),
          .weights_block = c_.block_bytes(),
          .start = starts + block * kLanes,
          .scale = scales + block * kLanes,
          .bias = o_.bias == nullptr ? nullptr : o_.bias + first * kLanes,
          .slope = o_.slope,
          .y_floats = nullptr,
          .y_bytes = nullptr,
          .zero = o_.y_zero,
          .y_voxel = is_plain ? c_.outputs : kLanes * (c_.is_transposed ? c_.stride[2] : 1),
          .y_block = is_plain ? kLanes : volume(c_.output) * kLanes,
          .last_lanes = is_plain && last < kLanes ? (1U << last) - 1U : 0xffffU};
}

// Where a row of y begins.
std::int64_t RowWorker::begin_of_y(std::int64_t sample, std::int64_t d, std::int64_t h,
                                   std::int64_t phase, std::int64_t first) const {
  if (c_.has_plain_output) return first * kLanes;
  const Triple step = c_.is_transposed ? c_.stride : Triple{1, 1, 1};
  const Triple tap{phase / (step[1] * step[2]), phase / step[2] % step[1], phase % step[2]};
  const std::int64_t row = (d * step[0] + tap[0]) * c_.output[1] + h * step[1] + tap[1];
  const std::int64_t block = sample * c_.output_blocks() + first;
  return (block * volume(c_.output) + row * c_.output[2] + tap[2]) * kLanes;
}

// The tiles are of about the same width. Of single voxels, samples make a row.
void RowWorker::compute(std::int64_t sample, std::int64_t d, std::int64_t h, std::int64_t phase,
                        std::int64_t group) {
  const std::int64_t first = group * kMostBlocks;
  const std::int64_t count = std::min<std::int64_t>(kMostBlocks, c_.output_blocks() - first);
  const std::int64_t begin = begin_of_y(sample, d, h, phase, first);
  const std::int64_t width = c_.has_plain_output ? c_.samples
                             : c_.is_transposed  ? c_.input[2]
                                                 : c_.output[2];
  const std::int64_t tiles = (width + kMostVoxels - 1) / kMostVoxels;
  const std::int64_t most = (width + tiles - 1) / tiles;
  TileArguments a = arguments(phase, first, count);
  for (std::int64_t w = 0; w < width; w += most) {
    a.offset = w * a.voxel_bytes;
    const std::int64_t to = begin + w * a.y_voxel;
    if (o_.y_floats != nullptr) a.y_floats = o_.y_floats + to;
    if (o_.y_bytes != nullptr) a.y_bytes = o_.y_bytes + to;
    tile_of(count, std::min(most, width - w), a.voxel_bytes)(a);
  }
}

}  // namespace

bool Convolution::reads_in_place() const {
  for (std::size_t axis = 0; axis < 3 && !is_transposed; ++axis)
    if (pad_low[axis] > 0 ||
        (output[axis] - 1) * stride[axis] + (kernel[axis] - 1) * dilation[axis] + 1 > input[axis])
      return false;
  return segment_bytes() % kQuad == 0;
}

std::int64_t scratch_bytes(const Convolution& c, int threads) { return Scratch(c).total * threads; }

void convolve(const Convolution& c, const Operands& operands, int threads, std::uint8_t* scratch) {
  const Triple grid = c.is_transposed ? c.input : c.output;
  const std::int64_t rows = c.has_plain_output ? 1 : c.samples * grid[0] * grid[1];
  const std::int64_t groups = (c.output_blocks() + kMostBlocks - 1) / kMostBlocks;
  const bool splits_rows = rows >= threads;
  const std::int64_t whole = splits_rows ? rows : groups;
  const std::int64_t scratch_step = Scratch(c).total;
  parallel_for(threads, [&](std::int64_t part) {
    const std::int64_t begin = whole * part / threads, end = whole * (part + 1) / threads;
    if (begin == end) return;
    RowWorker worker(c, operands, scratch + part * scratch_step);
    for (std::int64_t row = splits_rows ? begin : 0; row < (splits_rows ? end : rows); ++row)
      worker.run(row / (grid[0] * grid[1]), row / grid[1] % grid[0], row % grid[1],
                 splits_rows ? 0 : begin, splits_rows ? groups : end);
  });
}

}  // namespace lucid::bytes
