#include "kernels/blocked_gradient/blocked_gradient.h"

#include <algorithm>

#include "kernels/blocked_gradient/tile_choice.h"
#include "tensor/parallel.h"

namespace lucid {

using blocked_gradient::ceil_divide;
using blocked_gradient::kInputsAtATime;
using blocked_gradient::Segment;
using blocked_gradient::Tile;
using blocked_gradient::TileArguments;
using blocked_gradient::Tiles;
using blocked_gradient::with_lanes;

bool BlockedWeightGradient::can_compute(const ConvGeometry& g, const Tiles& tiles) {
  if (with_lanes(tiles.sums, g.lanes) == nullptr) return false;
  if (g.input_lanes != 1 && g.input_lanes != g.lanes) return false;
  if (g.groups == 1) return true;
  if (g.is_depthwise()) return g.input_lanes == g.lanes && g.groups % g.lanes == 0;
  return g.group_outputs % g.lanes == 0 && g.group_inputs % g.input_lanes == 0;
}

BlockedWeightGradient::BlockedWeightGradient(const ConvGeometry& geometry,
                                             const WeightStrides& weight, int threads,
                                             const Tiles& tiles)
    : g_(geometry), w_(weight), tiles_(tiles), lister_(geometry) {
  list_units();
  share_work(threads);
  for (std::int64_t i = 0; i < unit_shares_ * block_shares_; ++i)
    segments_.emplace_back().reserve(static_cast<std::size_t>(lister_.most_segments()));
}

std::int64_t BlockedWeightGradient::workspace_floats() const {
  const std::int64_t stretches = blocks_of_share() > stretch_ ? block_shares_ : 0;
  return (block_shares_ - 1 + stretches) * copy_floats();
}

void BlockedWeightGradient::run(const float* x, const float* dy, float* dw, float* db,
                                float* workspace) {
  const bool has_gaps = g_.input_lanes > kInputsAtATime &&
                        inputs_of((g_.group_inputs - 1) / g_.input_lanes) < g_.input_lanes;
  if (has_gaps) std::fill_n(dw, w_.floats, 0.0F);
  if (has_gaps) std::fill_n(workspace, workspace_floats(), 0.0F);
  parallel_for(unit_shares_ * block_shares_, [&](std::int64_t i) {
    const std::int64_t b = i / unit_shares_;
    const auto copy = [&](std::int64_t index) {
      if (workspace == nullptr) return Sums{};  // none is needed
      float* const first = workspace + index * copy_floats();
      return Sums{first, db == nullptr || i % unit_shares_ != 0 ? nullptr : first + w_.floats};
    };
    const Sums result{dw, i % unit_shares_ != 0 ? nullptr : db};
    compute(share(i), x, dy, b == 0 ? result : copy(b - 1), copy(block_shares_ - 1 + b),
            segments_[static_cast<std::size_t>(i)]);
  });
  if (block_shares_ == 1) return;
  constexpr std::int64_t kFloatsAtATime = 4096;
  const auto add = [&](float* sum, std::int64_t floats, const float* first) {
    parallel_blocks(floats, kFloatsAtATime, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t copy = 0; copy < block_shares_ - 1; ++copy)
        for (std::int64_t i = begin; i < end; ++i) sum[i] += first[copy * copy_floats() + i];
    });
  };
  add(dw, w_.floats, workspace);
  if (db != nullptr) add(db, bias_floats(), workspace + w_.floats);
}

// The first stretch writes the total, the others a part that is added to it.
void BlockedWeightGradient::compute(const Share& share, const float* x, const float* dy,
                                    const Sums& total, const Sums& part,
                                    std::vector<Segment>& segments) const {
  TileArguments a{};
  a.dy_block_stride = g_.output_voxels() * g_.lanes;
  a.x_step = g_.stride[2] * g_.input_lanes;
  a.dw_input_stride = w_.input;
  a.dw_block_stride = w_.output_block;
  for (std::int64_t first = share.block_begin; first < share.block_end; first += stretch_) {
    const bool is_first = first == share.block_begin;
    const std::int64_t end = std::min(share.block_end, first + stretch_);
    for (std::int64_t block = first; block < end; ++block) {
      a.accumulates = block != first;
      compute_row_block(share, block, x, dy, is_first ? total : part, a, segments);
    }
    if (!is_first) add_stretch(share, part, total);
  }
}

void BlockedWeightGradient::compute_row_block(const Share& share, std::int64_t block,
                                              const float* x, const float* dy, const Sums& to,
                                              TileArguments& a,
                                              std::vector<Segment>& segments) const {
  const bool moves = lister_.reads_inside();
  const float* listed_x = nullptr;  // of the unit before
  std::size_t listed_tap = 0;
  for (std::int64_t u = share.unit_begin; u < share.unit_end; ++u) {
    const Unit& unit = units_[static_cast<std::size_t>(u)];
    const std::int64_t group_blocks = g_.is_depthwise() ? 1 : g_.group_inputs / g_.input_lanes;
    const std::int64_t input_block = unit.group * group_blocks + unit.input_block;
    const float* const unit_x = x + input_block * g_.input_voxels() * g_.input_lanes;
    prefetch(share, u, block + 1, unit_x, dy);
    if (moves && listed_x != nullptr)
      lister_.move(listed_tap, unit.first_tap, unit.taps, unit_x - listed_x, segments);
    else
      lister_.list(block, unit.first_tap, unit.taps, unit_x, segments);
    listed_x = unit_x;
    listed_tap = unit.first_tap;
    a.segments = segments.data();
    a.segment_count = static_cast<std::int64_t>(segments.size());
    a.dw_taps = unit.dw_taps;
    if (g_.is_depthwise())
      compute_depthwise(unit, a, dy, to.dw);
    else
      compute_unit(unit, a, dy, to.dw);
  }
  if (to.db == nullptr) return;
  lister_.list(block, 0, 0, x, segments);
  a.segments = segments.data();
  a.segment_count = static_cast<std::int64_t>(segments.size());
  sum_outputs(a, dy, to.db);
}

// Shares of other units add theirs to the same total at the same time: only the share's own.
void BlockedWeightGradient::add_stretch(const Share& share, const Sums& part,
                                        const Sums& total) const {
  const std::int64_t blocks = g_.is_depthwise() ? 1 : ceil_divide(g_.group_outputs, g_.lanes);
  const auto add = [&](std::int64_t at) {
    for (std::int64_t i = at; i < at + g_.lanes; ++i) total.dw[i] += part.dw[i];
  };
  for (std::int64_t u = share.unit_begin; u < share.unit_end; ++u) {
    const Unit& unit = units_[static_cast<std::size_t>(u)];
    const std::int64_t inputs = g_.is_depthwise() ? 1 : inputs_of(unit.input_block);
    const std::int64_t first = g_.is_depthwise()
                                   ? unit.group * w_.output_block
                                   : unit.group * w_.group + unit.input_block * w_.input_block;
    for (std::int64_t o = 0; o < blocks; ++o)
      for (std::size_t p = 0; p < unit.taps; ++p)
        for (std::int64_t k = 0; k < inputs; ++k)
          add(first + o * w_.output_block + unit.dw_taps[p] + k * w_.input);
  }
  for (std::int64_t i = 0; total.db != nullptr && i < bias_floats(); ++i) total.db[i] += part.db[i];
}

// Fetches the next row block while this one is computed: each unit its part of dy, the last unit of
// an input block also x. The processor would see the need only when the first tile starts on it.
void BlockedWeightGradient::prefetch(const Share& share, std::int64_t u, std::int64_t row_block,
                                     const float* x, const float* dy) const {
  constexpr std::int64_t kCacheLine = 16;
  if (row_block >= share.block_end) return;
  const auto fetch = [](const float* begin, const float* end) {
    for (; begin < end; begin += kCacheLine) __builtin_prefetch(begin, 0, 2);
  };
  const Unit& unit = units_[static_cast<std::size_t>(u)];
  const auto outputs = lister_.outputs_of(row_block);
  const std::int64_t units = share.unit_end - share.unit_begin,
                     floats = outputs.end - outputs.begin;
  const std::int64_t begin = floats * (u - share.unit_begin) / units,
                     end = floats * (u - share.unit_begin + 1) / units;
  for (std::int64_t o = 0; o < g_.output_blocks(); ++o) {
    const float* const first = dy + o * g_.output_voxels() * g_.lanes + outputs.begin;
    fetch(first + begin, first + end);
  }
  if (unit.first_tap + unit.taps < lister_.taps().size()) return;
  const auto inputs = lister_.inputs_of(row_block);
  for (std::int64_t c = 0; c <= lister_.taps().back().channel; ++c)
    fetch(x + inputs.begin + c * g_.input_voxels(), x + inputs.end + c * g_.input_voxels());
}

void BlockedWeightGradient::compute_unit(const Unit& unit, TileArguments& a, const float* dy,
                                         float* dw) const {
  const std::int64_t blocks = ceil_divide(g_.group_outputs, g_.lanes);
  for (std::int64_t o = 0, outputs = 0; o < blocks; o += outputs) {
    a.dy = dy + (unit.group * blocks + o) * a.dy_block_stride;
    float* const unit_dw =
        dw + unit.group * w_.group + o * w_.output_block + unit.input_block * w_.input_block;
    const std::int64_t inputs = inputs_of(unit.input_block);
    for (std::int64_t k = 0; k < inputs;) {
      const Tile* tile = unit.tiles[blocks - o > 1][inputs - k > kInputsAtATime];
      a.dw = unit_dw + k * w_.input;
      a.x_offset = k;
      tile->run(a);
      k += tile->inputs;
      outputs = tile->outputs;
    }
  }
}

void BlockedWeightGradient::compute_depthwise(const Unit& unit, TileArguments& a, const float* dy,
                                              float* dw) const {
  const auto* tile = with_lanes(tiles_.lane_products, g_.lanes);
  while (tile->taps > static_cast<std::int64_t>(unit.taps)) ++tile;
  a.dy = dy + unit.group * a.dy_block_stride;
  a.dw = dw + unit.group * w_.output_block;
  a.x_offset = 0;
  tile->run(a);
}

void BlockedWeightGradient::sum_outputs(TileArguments& a, const float* dy, float* db) const {
  const auto* tile = with_lanes(tiles_.sums, g_.lanes);
  for (std::int64_t block = 0; block < g_.output_blocks(); ++block) {
    a.dy = dy + block * a.dy_block_stride;
    a.dw = db + block * g_.lanes;
    tile->run(a);
  }
}

}  // namespace lucid
