#pragma once
// Private to this room.

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/triple.h"
#include "kernels/blocked_gradient/tile.h"

namespace lucid {

// Describes a convolution whose tensors are in blocks of channels.
struct ConvGeometry {
  std::int64_t samples = 1, groups = 1;
  std::int64_t group_inputs = 1, group_outputs = 1;  // channels of one group
  Triple input{}, output{}, kernel{};
  Triple stride{1, 1, 1}, dilation{1, 1, 1}, padding{};  // low side; dilation counts from 1
  std::int64_t lanes = 8;                                // channels of a block of the output
  std::int64_t input_lanes = 1;  // `lanes`, or 1 for an input in plain order

  bool is_depthwise() const { return groups > 1 && group_inputs == 1 && group_outputs == 1; }
  std::int64_t input_voxels() const { return input[0] * input[1] * input[2]; }
  std::int64_t output_voxels() const { return output[0] * output[1] * output[2]; }
  std::int64_t input_blocks() const {  // over all groups
    return (groups * group_inputs + input_lanes - 1) / input_lanes;
  }
  std::int64_t output_blocks() const { return (groups * group_outputs + lanes - 1) / lanes; }
};

namespace blocked_gradient {

inline std::int64_t ceil_divide(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

// Lists the segments of each row block. Row blocks are counted over all samples.
class SegmentLister {
 public:
  struct Tap {
    Triple kernel;         // its position in the kernel
    std::int64_t channel;  // of the group, if x is in plain order; else 0
  };

  // Floats counted from the start of the tensor.
  struct FloatRange {
    std::int64_t begin, end;
  };

  explicit SegmentLister(const ConvGeometry& geometry);

  const std::vector<Tap>& taps() const { return taps_; }
  std::int64_t row_blocks() const {
    return (rows_ * pieces_ + row_block_rows_ - 1) / row_block_rows_;
  }
  std::int64_t most_segments() const {  // of a row block
    return row_block_rows_ * static_cast<std::int64_t>(column_ranges_.size());
  }

  // The floats that a row block is the first to read, in one block of output channels and in one of
  // input channels (the rows of the last tap). They are what to prefetch.
  FloatRange outputs_of(std::int64_t row_block) const;
  FloatRange inputs_of(std::int64_t row_block) const;

  // Lists what `count` taps from `first` on read; `x` is at their first channel. For no taps, the
  // segments are whole rows of dy.
  void list(std::int64_t row_block, std::size_t first, std::size_t count, const float* x,
            std::vector<Segment>& segments) const;

  // Every tap reads every voxel inside x, so that the segments of a row block are those of any
  // taps.
  bool reads_inside() const;
  // Makes such segments, listed for taps from `first` on, those of `count` taps from `other` on,
  // whose first channel is `x` floats further.
  void move(std::size_t first, std::size_t other, std::size_t count, std::ptrdiff_t x,
            std::vector<Segment>& segments) const;

 private:
  // Columns for which every tap is inside a row of x, or outside.
  struct ColumnRange {
    std::int64_t begin, end;
    std::vector<std::int64_t> x;  // a tap's place in its row of x, or kOutside
  };
  // A row of dy, and the row of x that a tap at 0 reads, which may be outside.
  struct Row {
    std::int64_t dy, sample, d, h;
  };

  void list_column_ranges();
  void list_row(std::int64_t row, std::int64_t begin, std::int64_t end, std::size_t first,
                std::size_t count, const float* x, std::vector<Segment>& segments) const;
  bool find_rows(const Row& row, std::size_t first, std::size_t count, const float* x,
                 std::array<const float*, kMostTaps>& rows) const;

  ConvGeometry g_;
  std::vector<Tap> taps_;
  std::vector<std::int64_t> offsets_;  // from the row that a tap at 0 reads to a tap's row
  std::vector<ColumnRange> column_ranges_;
  std::vector<float> zeros_;  // read outside x
  std::int64_t rows_, row_block_rows_ = 1;
  std::int64_t pieces_ = 1, piece_voxels_;  // of a long row
};

}  // namespace blocked_gradient
}  // namespace lucid
