#include <algorithm>
#include <cmath>

#include "kernels/blocked_gradient/blocked_gradient.h"
#include "kernels/blocked_gradient/tile_choice.h"

// BlockedWeightGradient cuts its work into units here, and shares it out among threads.
namespace lucid {

using blocked_gradient::best_tile;
using blocked_gradient::ceil_divide;
using blocked_gradient::kInputsAtATime;
using blocked_gradient::with_lanes;

namespace {

// A stretch of fewer row blocks costs more than the digits that it saves.
constexpr std::int64_t kFewestOfStretch = 32;

}  // namespace

std::int64_t BlockedWeightGradient::inputs_of(std::int64_t input_block) const {
  if (g_.input_lanes == 1) return 1;
  const std::int64_t left = g_.group_inputs - input_block * g_.input_lanes;
  return std::min(g_.input_lanes, ceil_divide(left, kInputsAtATime) * kInputsAtATime);
}

// Takes as many taps at a time as the best tile for those that are left.
void BlockedWeightGradient::list_units() {
  const bool is_depthwise = g_.is_depthwise(), is_plain = g_.input_lanes == 1;
  const std::int64_t groups = is_depthwise ? g_.output_blocks() : g_.groups;
  const std::int64_t input_blocks =
      is_depthwise || is_plain ? 1 : ceil_divide(g_.group_inputs, g_.input_lanes);
  const std::int64_t blocks = ceil_divide(g_.group_outputs, g_.lanes);
  const auto taps = static_cast<std::int64_t>(lister_.taps().size());
  const auto chunk = [&](std::int64_t left) -> std::int64_t {
    if (!is_depthwise)
      return best_tile(tiles_, g_.lanes, blocks, left, is_plain ? 1 : g_.lanes)->taps;
    const auto* tile = with_lanes(tiles_.lane_products, g_.lanes);
    while (tile->taps > left) ++tile;
    return tile->taps;
  };
  for (std::int64_t group = 0; group < groups; ++group)
    for (std::int64_t input_block = 0; input_block < input_blocks; ++input_block)
      for (std::int64_t tap = 0, count = 0; tap < taps; tap += count) {
        count = chunk(taps - tap);
        units_.push_back(unit(group, input_block, tap, count));
      }
}

BlockedWeightGradient::Unit BlockedWeightGradient::unit(std::int64_t group,
                                                        std::int64_t input_block, std::int64_t tap,
                                                        std::int64_t taps) const {
  Unit unit{group, input_block, static_cast<std::size_t>(tap), static_cast<std::size_t>(taps),
            {},    {}};
  for (std::size_t p = 0; p < unit.taps; ++p) {
    const auto& [kernel, channel] = lister_.taps()[unit.first_tap + p];
    unit.dw_taps[p] =
        kernel[0] * w_.tap[0] + kernel[1] * w_.tap[1] + kernel[2] * w_.tap[2] + channel * w_.input;
  }
  const std::int64_t inputs = g_.input_lanes == 1 ? 1 : kInputsAtATime;
  for (const std::int64_t blocks : {1, 2})
    for (const std::int64_t times : {1, 2})
      unit.tiles[static_cast<std::size_t>(blocks - 1)][static_cast<std::size_t>(times - 1)] =
          best_tile(tiles_, g_.lanes, blocks, taps, inputs == 1 ? 1 : inputs * times);
  return unit;
}

// Threads share the units, the row blocks, or both. Where they share row blocks, each sums into a
// copy of dw of its own; where they share units, each reads all of x and dy.
void BlockedWeightGradient::share_work(int threads) {
  double least = cost(1, 1);
  const auto units = static_cast<std::int64_t>(units_.size());
  for (std::int64_t u = 1; u <= std::min<std::int64_t>(threads, units); ++u) {
    const std::int64_t b = std::min(threads / u, lister_.row_blocks());
    if (cost(u, b) >= least) continue;
    least = cost(u, b);
    unit_shares_ = u;
    block_shares_ = b;
  }
  const auto balanced =
      static_cast<std::int64_t>(std::sqrt(static_cast<double>(blocks_of_share())));
  stretch_ = std::max(kFewestOfStretch, balanced);
}

std::int64_t BlockedWeightGradient::blocks_of_share() const {
  return ceil_divide(lister_.row_blocks(), block_shares_);
}

// Estimates the time of a thread, in multiplications of one lane.
double BlockedWeightGradient::cost(std::int64_t unit_shares, std::int64_t block_shares) const {
  constexpr double kAddedFloat = 4;  // one float of a copy of dw
  constexpr double kReadFloat = 2;   // from memory, prefetched
  const auto units = static_cast<std::int64_t>(units_.size()), blocks = lister_.row_blocks();
  const auto real = [](std::int64_t i) { return static_cast<double>(i); };
  const double voxels = real(g_.samples * g_.output_voxels());
  const double outputs = real(g_.output_blocks() * g_.lanes);
  const double share = real(ceil_divide(units, unit_shares) * ceil_divide(blocks, block_shares)) /
                       real(units * blocks);
  const double taps = real(g_.kernel[0] * g_.kernel[1] * g_.kernel[2]);
  const double read =
      real(g_.samples * g_.input_blocks() * g_.input_lanes * g_.input_voxels()) + voxels * outputs;
  const double copies = block_shares > 1 ? real((block_shares + 1) * w_.floats) : 0.0;
  return voxels * outputs * taps * real(g_.group_inputs) * share +
         kReadFloat * read / real(block_shares) +
         kAddedFloat * copies / real(unit_shares * block_shares);
}

BlockedWeightGradient::Share BlockedWeightGradient::share(std::int64_t i) const {
  const auto units = static_cast<std::int64_t>(units_.size()), blocks = lister_.row_blocks();
  const std::int64_t u = i % unit_shares_, b = i / unit_shares_;
  return {units * u / unit_shares_, units * (u + 1) / unit_shares_, blocks * b / block_shares_,
          blocks * (b + 1) / block_shares_};
}

}  // namespace lucid
