#include "kernels/blocked_gradient/blocked_gradient.h"

#include <algorithm>

#include "tensor/parallel.h"

namespace lucid {

using weight_gradient::Run;
using weight_gradient::Tile;
using weight_gradient::TileArguments;
using weight_gradient::Tiles;

namespace {

// Inputs are computed in such numbers, which every tile's divide; what is too many is padding of x.
constexpr std::int64_t kInputsAtATime = 8;

std::int64_t ceil_divide(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

// The first, that is the best, tile that is no larger.
const Tile* find(const Tiles& tiles, std::int64_t lanes, std::int64_t blocks, std::int64_t taps,
                 std::int64_t inputs) {
  for (const Tile* t = tiles.products; t->run != nullptr; ++t)
    if (t->lanes == lanes && t->outputs <= blocks && t->taps <= taps && t->inputs <= inputs &&
        (t->inputs > 1) == (inputs > 1))
      return t;
  return nullptr;
}

template <class AnyTile>
const AnyTile* with_lanes(const AnyTile* tile, std::int64_t lanes) {
  for (; tile->run != nullptr; ++tile)
    if (tile->lanes == lanes) return tile;
  return nullptr;
}

}  // namespace

bool ConvWeightGradient::can_compute(const ConvGeometry& g, const Tiles& tiles) {
  if (with_lanes(tiles.sums, g.lanes) == nullptr) return false;
  if (g.input_lanes != 1 && g.input_lanes != g.lanes) return false;
  if (g.groups == 1) return true;
  if (g.is_depthwise()) return g.input_lanes == g.lanes && g.groups % g.lanes == 0;
  return g.group_outputs % g.lanes == 0 && g.group_inputs % g.input_lanes == 0;
}

ConvWeightGradient::ConvWeightGradient(const ConvGeometry& geometry, const WeightStrides& weight,
                                       int threads, const Tiles& tiles)
    : g_(geometry), w_(weight), tiles_(tiles), lister_(geometry) {
  list_units();
  share_work(threads);
  for (std::int64_t i = 0; i < unit_parts_ * block_parts_; ++i)
    runs_.emplace_back().reserve(static_cast<std::size_t>(lister_.most_runs()));
}

std::int64_t ConvWeightGradient::inputs_of(std::int64_t run) const {
  if (g_.input_lanes == 1) return 1;
  const std::int64_t left = g_.group_inputs - run * g_.input_lanes;
  return std::min(g_.input_lanes, ceil_divide(left, kInputsAtATime) * kInputsAtATime);
}

// Chunks of taps are those of the tiles that they will meet.
void ConvWeightGradient::list_units() {
  const bool is_depthwise = g_.is_depthwise(), is_plain = g_.input_lanes == 1;
  const std::int64_t groups = is_depthwise ? g_.output_blocks() : g_.groups;
  const std::int64_t runs =
      is_depthwise || is_plain ? 1 : ceil_divide(g_.group_inputs, g_.input_lanes);
  const std::int64_t blocks = ceil_divide(g_.group_outputs, g_.lanes);
  const auto taps = static_cast<std::int64_t>(lister_.taps().size());
  const auto chunk = [&](std::int64_t left) -> std::int64_t {
    if (!is_depthwise) return find(tiles_, g_.lanes, blocks, left, is_plain ? 1 : g_.lanes)->taps;
    const auto* tile = with_lanes(tiles_.lane_products, g_.lanes);
    while (tile->taps > left) ++tile;
    return tile->taps;
  };
  for (std::int64_t group = 0; group < groups; ++group)
    for (std::int64_t run = 0; run < runs; ++run)
      for (std::int64_t tap = 0, count = 0; tap < taps; tap += count) {
        count = chunk(taps - tap);
        units_.push_back(unit(group, run, tap, count));
      }
}

ConvWeightGradient::Unit ConvWeightGradient::unit(std::int64_t group, std::int64_t run,
                                                  std::int64_t tap, std::int64_t taps) const {
  Unit unit{group, run, static_cast<std::size_t>(tap), static_cast<std::size_t>(taps), {}, {}};
  for (std::size_t p = 0; p < unit.taps; ++p) {
    const auto& [kernel, channel] = lister_.taps()[unit.first_tap + p];
    unit.dw_taps[p] =
        kernel[0] * w_.tap[0] + kernel[1] * w_.tap[1] + kernel[2] * w_.tap[2] + channel * w_.input;
  }
  const std::int64_t inputs = g_.input_lanes == 1 ? 1 : kInputsAtATime;
  for (const std::int64_t blocks : {1, 2})
    for (const std::int64_t times : {1, 2})
      unit.tiles[static_cast<std::size_t>(blocks - 1)][static_cast<std::size_t>(times - 1)] =
          find(tiles_, g_.lanes, blocks, taps, inputs == 1 ? 1 : inputs * times);
  return unit;
}

// Threads share the units, the blocks of rows, or both. Where they share blocks, each sums into a
// copy of dw of its own; where they share units, each reads all of x and dy.
void ConvWeightGradient::share_work(int threads) {
  double least = cost(1, 1);
  const auto units = static_cast<std::int64_t>(units_.size());
  for (std::int64_t u = 1; u <= std::min<std::int64_t>(threads, units); ++u) {
    const std::int64_t b = std::min(threads / u, lister_.blocks());
    if (cost(u, b) >= least) continue;
    least = cost(u, b);
    unit_parts_ = u;
    block_parts_ = b;
  }
}

// In products of one lane that take a thread as long.
double ConvWeightGradient::cost(std::int64_t unit_parts, std::int64_t block_parts) const {
  constexpr double kOfMovedFloat = 4,
                   kOfReadFloat = 2;  // added to a copy; from memory, ahead of use
  const auto units = static_cast<std::int64_t>(units_.size()), blocks = lister_.blocks();
  const auto real = [](std::int64_t i) { return static_cast<double>(i); };
  const double voxels = real(g_.samples * g_.output_voxels());
  const double outputs = real(g_.output_blocks() * g_.lanes);
  const double share = real(ceil_divide(units, unit_parts) * ceil_divide(blocks, block_parts)) /
                       real(units * blocks);
  const double taps = real(g_.kernel[0] * g_.kernel[1] * g_.kernel[2]);
  const double read =
      real(g_.samples * g_.input_blocks() * g_.input_lanes * g_.input_voxels()) + voxels * outputs;
  const double copies = block_parts > 1 ? real((block_parts + 1) * w_.floats) : 0.0;
  return voxels * outputs * taps * real(g_.group_inputs) * share +
         kOfReadFloat * read / real(block_parts) +
         kOfMovedFloat * copies / real(unit_parts * block_parts);
}

ConvWeightGradient::Part ConvWeightGradient::part(std::int64_t i) const {
  const auto units = static_cast<std::int64_t>(units_.size()), blocks = lister_.blocks();
  const std::int64_t u = i % unit_parts_, b = i / unit_parts_;
  return {units * u / unit_parts_, units * (u + 1) / unit_parts_, blocks * b / block_parts_,
          blocks * (b + 1) / block_parts_};
}

std::int64_t ConvWeightGradient::workspace_floats() const {
  return (block_parts_ - 1) * (w_.floats + bias_floats());
}

void ConvWeightGradient::run(const float* x, const float* dy, float* dw, float* db,
                             float* workspace) {
  const std::int64_t copy_floats = w_.floats + bias_floats();
  const bool has_gaps = g_.input_lanes > kInputsAtATime &&
                        inputs_of((g_.group_inputs - 1) / g_.input_lanes) < g_.input_lanes;
  if (has_gaps) std::fill_n(dw, w_.floats, 0.0F);
  if (has_gaps) std::fill_n(workspace, workspace_floats(), 0.0F);
  parallel_for(unit_parts_ * block_parts_, [&](std::int64_t i) {
    const std::int64_t b = i / unit_parts_;
    float* const copy = b == 0 ? nullptr : workspace + (b - 1) * copy_floats;
    float* const bias = db == nullptr ? nullptr : b == 0 ? db : copy + w_.floats;
    compute(part(i), x, dy, b == 0 ? dw : copy, bias, runs_[static_cast<std::size_t>(i)]);
  });
  if (block_parts_ == 1) return;
  constexpr std::int64_t kFloatsAtATime = 4096;
  const auto add = [&](float* sum, std::int64_t floats, const float* first) {
    parallel_blocks(floats, kFloatsAtATime, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t copy = 0; copy < block_parts_ - 1; ++copy)
        for (std::int64_t i = begin; i < end; ++i) sum[i] += first[copy * copy_floats + i];
    });
  };
  add(dw, w_.floats, workspace);
  if (db != nullptr) add(db, bias_floats(), workspace + w_.floats);
}

void ConvWeightGradient::compute(const Part& part, const float* x, const float* dy, float* dw,
                                 float* db, std::vector<Run>& runs) const {
  TileArguments a{};
  a.dy_block_stride = g_.output_voxels() * g_.lanes;
  a.x_step = g_.stride[2] * g_.input_lanes;
  a.dw_input_stride = w_.input;
  a.dw_block_stride = w_.block;
  for (std::int64_t block = part.block_begin; block < part.block_end; ++block) {
    a.accumulates = block != part.block_begin;
    for (std::int64_t u = part.unit_begin; u < part.unit_end; ++u) {
      const Unit& unit = units_[static_cast<std::size_t>(u)];
      const std::int64_t group_runs = g_.is_depthwise() ? 1 : g_.group_inputs / g_.input_lanes;
      const std::int64_t first_run = unit.group * group_runs + unit.run;
      const float* const x_of_run = x + first_run * g_.input_voxels() * g_.input_lanes;
      prefetch(part, u, block + 1, x_of_run, dy);
      lister_.list(block, unit.first_tap, unit.taps, x_of_run, runs);
      a.runs = runs.data();
      a.run_count = static_cast<std::int64_t>(runs.size());
      a.dw_taps = unit.dw_taps;
      if (g_.is_depthwise())
        compute_lanes(unit, a, dy, dw);
      else
        compute_unit(unit, a, dy, dw);
    }
    if (db == nullptr || part.unit_begin != 0) continue;
    lister_.list(block, 0, 0, x, runs);
    a.runs = runs.data();
    a.run_count = static_cast<std::int64_t>(runs.size());
    sum_outputs(a, dy, db);
  }
}

// Asks for the next block while this one is computed: a unit for its share of dy, the last one of a
// run also for x. The processor would see the need only when the block's first tile is at it.
void ConvWeightGradient::prefetch(const Part& part, std::int64_t u, std::int64_t block,
                                  const float* x, const float* dy) const {
  constexpr std::int64_t kCacheLine = 16;
  if (block >= part.block_end) return;
  const auto ask = [](const float* begin, const float* end) {
    for (; begin < end; begin += kCacheLine) __builtin_prefetch(begin, 0, 2);
  };
  const Unit& unit = units_[static_cast<std::size_t>(u)];
  const auto outputs = lister_.outputs_of(block);
  const std::int64_t units = part.unit_end - part.unit_begin, floats = outputs.end - outputs.begin;
  const std::int64_t begin = floats * (u - part.unit_begin) / units,
                     end = floats * (u - part.unit_begin + 1) / units;
  for (std::int64_t o = 0; o < g_.output_blocks(); ++o) {
    const float* const first = dy + o * g_.output_voxels() * g_.lanes + outputs.begin;
    ask(first + begin, first + end);
  }
  if (unit.first_tap + unit.taps < lister_.taps().size()) return;
  const auto inputs = lister_.inputs_of(block);
  for (std::int64_t c = 0; c <= lister_.taps().back().channel; ++c)
    ask(x + inputs.begin + c * g_.input_voxels(), x + inputs.end + c * g_.input_voxels());
}

void ConvWeightGradient::compute_unit(const Unit& unit, TileArguments& a, const float* dy,
                                      float* dw) const {
  const std::int64_t blocks = ceil_divide(g_.group_outputs, g_.lanes);
  for (std::int64_t o = 0, outputs = 0; o < blocks; o += outputs) {
    a.dy = dy + (unit.group * blocks + o) * a.dy_block_stride;
    float* const dw_of_run = dw + unit.group * w_.group + o * w_.block + unit.run * w_.run;
    const std::int64_t inputs = inputs_of(unit.run);
    for (std::int64_t k = 0; k < inputs;) {
      const Tile* tile = unit.tiles[blocks - o > 1][inputs - k > kInputsAtATime];
      a.dw = dw_of_run + k * w_.input;
      a.x_offset = k;
      tile->run(a);
      k += tile->inputs;
      outputs = tile->outputs;
    }
  }
}

void ConvWeightGradient::compute_lanes(const Unit& unit, TileArguments& a, const float* dy,
                                       float* dw) const {
  const auto* tile = with_lanes(tiles_.lane_products, g_.lanes);
  while (tile->taps > static_cast<std::int64_t>(unit.taps)) ++tile;
  a.dy = dy + unit.group * a.dy_block_stride;
  a.dw = dw + unit.group * w_.block;
  a.x_offset = 0;
  tile->run(a);
}

void ConvWeightGradient::sum_outputs(TileArguments& a, const float* dy, float* db) const {
  const auto* tile = with_lanes(tiles_.sums, g_.lanes);
  for (std::int64_t block = 0; block < g_.output_blocks(); ++block) {
    a.dy = dy + block * a.dy_block_stride;
    a.dw = db + block * g_.lanes;
    tile->run(a);
  }
}

}  // namespace lucid
