#pragma once

#include <cstdint>
#include <vector>

#include "base/triple.h"
#include "kernels/blocked_gradient/segments.h"
#include "kernels/blocked_gradient/tile.h"

// The weight gradient of a convolution over blocks of channels, and how its work is cut:
//
//   dw of one group, as a matrix                    dy and x, over all samples
//               input block 0     input block 1
//             taps 0-8 taps 9-17  taps 0-8  ...    |segment|    segment    |segment|  row
//   output   +--------+--------+--------+---       |segment|    segment    |segment|  row
//   block 0  |  tile  |        |        |          +-------------------------------+
//            +--------+        |        |          A segment ends where a tap enters
//   output   |  tile  |        |        |          or leaves x. Rows of about 128
//   block 1  +--------+        |        |          voxels are one row block, which
//            |        |        |        |          the first cache holds.
//              unit 0   unit 1   unit 2
//
//   unit       some taps of one input block, for all output blocks of the group
//   tile       the part of a unit whose sums fit the registers: the innermost loop, tile.h
//   row block  some rows of the output, or a piece of one row that is long
//   segment    neighbouring voxels of a row for which every tap is inside x, or outside
//   share      the work of one thread: a range of units times a range of row blocks
//   stretch    row blocks of a share whose sums are added up before they meet the other stretches':
//              a sum of n products in floats is then off by some sqrt(sqrt(n)) roundings, not
//              sqrt(n)
namespace lucid {

// Describes where a weight and its gradient lie, in floats: `lanes` output channels are neighbours.
struct WeightStrides {
  std::int64_t group = 0, output_block = 0;
  std::int64_t input_block = 0, input = 0;
  Triple tap{};
  std::int64_t floats = 0;  // in all, padding included
};

// Computes dw[o][i][tap], the sum over samples and voxels of dy[o][voxel] * x[i][voxel * stride +
// tap], reading both tensors where they lie. The number of threads alone decides the order of sums.
class BlockedWeightGradient {
 public:
  BlockedWeightGradient(const ConvGeometry& geometry, const WeightStrides& weight, int threads,
                        const blocked_gradient::Tiles& tiles);

  // Tells whether there are tiles for the lanes, and groups are made of whole blocks.
  static bool can_compute(const ConvGeometry& geometry, const blocked_gradient::Tiles& tiles);

  std::int64_t workspace_floats() const;
  // Writes all of dw, and all blocks of db, the sum of dy, unless it is null.
  void run(const float* x, const float* dy, float* dw, float* db, float* workspace);

 private:
  struct Unit {
    std::int64_t group, input_block;
    std::size_t first_tap, taps;
    std::array<std::int64_t, blocked_gradient::kMostTaps> dw_taps;
    // Indexed by whether there are several output blocks, and more than kInputsAtATime inputs.
    std::array<std::array<const blocked_gradient::Tile*, 2>, 2> tiles;
  };
  struct Share {
    std::int64_t unit_begin, unit_end, block_begin, block_end;
  };

  void list_units();
  Unit unit(std::int64_t group, std::int64_t input_block, std::int64_t tap,
            std::int64_t taps) const;
  void share_work(int threads);
  std::int64_t blocks_of_share() const;  // at most
  double cost(std::int64_t unit_shares, std::int64_t block_shares) const;
  Share share(std::int64_t i) const;
  std::int64_t inputs_of(std::int64_t input_block) const;
  std::int64_t copy_floats() const { return w_.floats + bias_floats(); }
  std::int64_t bias_floats() const { return g_.output_blocks() * g_.lanes; }

  // Where the sums of a share go. db is null where there is none, or another share computes it.
  struct Sums {
    float *dw, *db;
  };

  void compute(const Share& share, const float* x, const float* dy, const Sums& total,
               const Sums& part, std::vector<blocked_gradient::Segment>& segments) const;
  void compute_row_block(const Share& share, std::int64_t block, const float* x, const float* dy,
                         const Sums& to, blocked_gradient::TileArguments& a,
                         std::vector<blocked_gradient::Segment>& segments) const;
  void add_stretch(const Share& share, const Sums& part, const Sums& total) const;
  void prefetch(const Share& share, std::int64_t u, std::int64_t row_block, const float* x,
                const float* dy) const;
  void compute_unit(const Unit& unit, blocked_gradient::TileArguments& a, const float* dy,
                    float* dw) const;
  void compute_depthwise(const Unit& unit, blocked_gradient::TileArguments& a, const float* dy,
                         float* dw) const;
  void sum_outputs(blocked_gradient::TileArguments& a, const float* dy, float* db) const;

  ConvGeometry g_;
  WeightStrides w_;
  blocked_gradient::Tiles tiles_;
  blocked_gradient::SegmentLister lister_;
  std::vector<Unit> units_;
  std::int64_t unit_shares_ = 1, block_shares_ = 1;
  std::int64_t stretch_ = 1;                                      // row blocks
  std::vector<std::vector<blocked_gradient::Segment>> segments_;  // one list a thread
};

}  // namespace lucid
