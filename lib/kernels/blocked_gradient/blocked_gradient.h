#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/triple.h"
#include "kernels/blocked_gradient/runs.h"
#include "kernels/blocked_gradient/tile.h"

namespace lucid {

// Where a weight and its gradient lie, in floats: `lanes` output channels are neighbours.
struct WeightStrides {
  std::int64_t group = 0, block = 0;  // block: of output channels
  std::int64_t run = 0, input = 0;    // run: of input channels, as in x
  Triple tap{};
  std::int64_t floats = 0;  // in all, padding included
};

// dw[o][i][tap] = the sum over samples and voxels of dy[o][voxel] * x[i][voxel * stride + tap]: a
// matrix product that reads both tensors where they lie. Tiles of dw stay in registers while rows
// of dy and x pass, and a block of rows stays in the first cache until all tiles have seen it. The
// number of threads alone decides the order of the sums.
class ConvWeightGradient {
 public:
  ConvWeightGradient(const ConvGeometry& geometry, const WeightStrides& weight, int threads,
                     const weight_gradient::Tiles& tiles);

  // Are there tiles for the lanes, and do groups hold whole blocks?
  static bool can_compute(const ConvGeometry& geometry, const weight_gradient::Tiles& tiles);

  std::int64_t workspace_floats() const;
  // All of dw is written, and of db, the sum of dy, where it is not null: whole blocks.
  void run(const float* x, const float* dy, float* dw, float* db, float* workspace);

 private:
  // A few taps, and the input channels of one run that they read.
  struct Unit {
    std::int64_t group, run;
    std::size_t first_tap, taps;
    std::array<std::int64_t, weight_gradient::kMostTaps> dw_taps;
    // For one block of outputs or more, and up to kInputsAtATime inputs or more.
    std::array<std::array<const weight_gradient::Tile*, 2>, 2> tiles;
  };
  struct Part {  // of the work: a thread's
    std::int64_t unit_begin, unit_end, block_begin, block_end;
  };

  void list_units();
  Unit unit(std::int64_t group, std::int64_t run, std::int64_t tap, std::int64_t taps) const;
  void share_work(int threads);
  double cost(std::int64_t unit_parts, std::int64_t block_parts) const;
  Part part(std::int64_t i) const;
  std::int64_t inputs_of(std::int64_t run) const;
  std::int64_t bias_floats() const { return g_.output_blocks() * g_.lanes; }

  void compute(const Part& part, const float* x, const float* dy, float* dw, float* db,
               std::vector<weight_gradient::Run>& runs) const;
  void prefetch(const Part& part, std::int64_t u, std::int64_t block, const float* x,
                const float* dy) const;
  void compute_unit(const Unit& unit, weight_gradient::TileArguments& a, const float* dy,
                    float* dw) const;
  void compute_lanes(const Unit& unit, weight_gradient::TileArguments& a, const float* dy,
                     float* dw) const;
  void sum_outputs(weight_gradient::TileArguments& a, const float* dy, float* db) const;

  ConvGeometry g_;
  WeightStrides w_;
  weight_gradient::Tiles tiles_;
  weight_gradient::RunLister lister_;
  std::vector<Unit> units_;
  std::int64_t unit_parts_ = 1, block_parts_ = 1;
  std::vector<std::vector<weight_gradient::Run>> runs_;  // a thread's
};

}  // namespace lucid
