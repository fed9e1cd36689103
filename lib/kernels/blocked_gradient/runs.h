#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/triple.h"
#include "kernels/blocked_gradient/tile.h"

namespace lucid {

// A convolution, and how its input and its output lie in memory. Strides are in floats.
struct ConvGeometry {
  std::int64_t samples = 1, groups = 1;
  std::int64_t group_inputs = 1, group_outputs = 1;  // channels of one group
  Triple input{}, output{}, kernel{};
  Triple stride{1, 1, 1}, dilation{1, 1, 1}, padding{};  // low side; dilation counts from 1
  std::int64_t lanes = 8;        // the output is in blocks of so many channels
  std::int64_t input_lanes = 1;  // the input in blocks of as many; 1: in plain order

  bool is_depthwise() const { return groups > 1 && group_inputs == 1 && group_outputs == 1; }
  std::int64_t input_voxels() const { return input[0] * input[1] * input[2]; }
  std::int64_t output_voxels() const { return output[0] * output[1] * output[2]; }
  std::int64_t input_blocks() const {  // over all groups
    return (groups * group_inputs + input_lanes - 1) / input_lanes;
  }
  std::int64_t output_blocks() const { return (groups * group_outputs + lanes - 1) / lanes; }
};

namespace weight_gradient {

// Lists what tiles run over. The output is cut into blocks of rows, counted over all samples.
class RunLister {
 public:
  struct Tap {
    Triple kernel;         // its place there
    std::int64_t channel;  // of the group, where x is in plain order; else 0
  };

  struct Stretch {  // floats, from the start of the tensor
    std::int64_t begin, end;
  };

  explicit RunLister(const ConvGeometry& geometry);

  const std::vector<Tap>& taps() const { return taps_; }
  std::int64_t blocks() const { return (rows_ * pieces_ + rows_of_block_ - 1) / rows_of_block_; }
  std::int64_t most_runs() const {  // of a block
    return rows_of_block_ * static_cast<std::int64_t>(row_parts_.size());
  }

  // What a block is the first to read, in a block of output channels and in a run of input channels
  // (the rows of the last tap); to be asked for before it is needed.
  Stretch outputs_of(std::int64_t block) const;
  Stretch inputs_of(std::int64_t block) const;

  // Of the taps from `first`, `count` of them; `x` is that of their first channel. Without taps:
  // just the rows.
  void list(std::int64_t block, std::size_t first, std::size_t count, const float* x,
            std::vector<Run>& runs) const;

 private:
  // Voxels of a row for which a tap is inside throughout, or outside.
  struct RowPart {
    std::int64_t begin, end;
    std::vector<std::int64_t> x;  // a tap's place in its row of x, or kOutside
  };
  struct Row {
    std::int64_t dy, sample, d, h;  // in the input: where a tap without an offset would be
  };

  void list_row_parts();
  void list_row(std::int64_t row, std::int64_t begin, std::int64_t end, std::size_t first,
                std::size_t count, const float* x, std::vector<Run>& runs) const;
  bool find_rows(const Row& row, std::size_t first, std::size_t count, const float* x,
                 std::array<const float*, kMostTaps>& rows) const;

  ConvGeometry g_;
  std::vector<Tap> taps_;
  std::vector<std::int64_t> offsets_;  // of a tap's row from the row of the tap without an offset
  std::vector<RowPart> row_parts_;
  std::vector<float> zeros_;  // what is outside
  std::int64_t rows_, rows_of_block_ = 1;
  std::int64_t pieces_ = 1, piece_voxels_;  // of a long row
};

}  // namespace weight_gradient
}  // namespace lucid
