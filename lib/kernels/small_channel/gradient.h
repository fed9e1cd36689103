#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/small_channel/convolution.h"
#include "kernels/small_channel/gradient_tile.h"

namespace lucid {

// The gradient of the weight of a convolution from or into few channels. x is in blocks, as the
// convolution reads it, or plain. The number of threads alone decides the order of the sums.
class SmallChannelWeightGradient {
 public:
  SmallChannelWeightGradient(const SmallChannelGeometry& geometry, bool is_plain, int threads,
                             const small_channel::GradientTile* tiles);

  static bool can_compute(const SmallChannelGeometry& geometry,
                          const small_channel::GradientTile* tiles);

  std::int64_t workspace_floats() const { return 2 * threads_ * floats_of_thread(); }
  // dw: (outputs, inputs, taps); db (null: none): the sum of dy.
  void run(const float* x, const float* dy, float* dw, float* db, float* workspace);

 private:
  // The sums that one tile computes.
  struct Unit {
    const small_channel::GradientTile* tile;
    std::int64_t outputs;       // the block
    std::int64_t inputs;        // the first one
    std::int64_t taps;          // the first row of taps, of kernel[0] * kernel[1]
    std::int64_t begin, count;  // of its sums
  };
  struct RowRange {  // of the output, of one plane
    std::int64_t sample, plane, begin, end;
  };

  void list_units(const small_channel::GradientTile* tiles);
  const small_channel::GradientTile* best_tile(const small_channel::GradientTile* tiles,
                                               std::int64_t rows, std::int64_t groups) const;
  std::int64_t group() const { return is_plain_ ? 1 : g_.group(); }
  std::int64_t floats_of_thread() const { return floats_ + g_.output_blocks() * g_.lanes; }
  void sum_share(std::int64_t thread, const float* x, const float* dy, float* total, float* part);
  void sum_rows(const RowRange& range, const float* x, const float* dy,
                std::vector<small_channel::OutputRow>& rows, float* sums) const;
  void list_rows(const Unit& unit, const RowRange& range, const float* x, const float* dy,
                 std::vector<small_channel::OutputRow>& rows) const;
  void sum_outputs(const RowRange& range, const float* dy, float* sums) const;
  void add_threads(const Unit& unit, const float* workspace, float* dw) const;

  SmallChannelGeometry g_;
  bool is_plain_;
  std::int64_t threads_, floats_ = 0;
  std::vector<Unit> units_;
  std::vector<float> zeros_;                                 // a row of x outside the volume
  std::vector<std::vector<small_channel::OutputRow>> rows_;  // a thread's
};

}  // namespace lucid
