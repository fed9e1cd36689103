#include "layers/convolution/winograd/slabs.h"

#include <utility>

namespace lucid {
namespace {

using winograd::kTileElements;
using winograd::tiles;

// Slabs overlap by the depth of the kernel: thinner ones cost more than they save.
constexpr std::int64_t kFewestPlanes = 8;
// Slabs need not be larger for the sake of their weights, but where they would be smaller than
// those.
constexpr std::int64_t kMostOfTimes = std::int64_t{1} << 22;
// Products do not reach from tile to tile: shorter rows of tiles are computed as one long row.
constexpr std::int64_t kShortRow = 6;

std::int64_t whole_blocks(std::int64_t channels, std::int64_t lanes) {
  return (channels + lanes - 1) / lanes * lanes;
}

// The size of the fewest parts of at most `most`, all of one size but where the last overlaps.
std::int64_t part_size(std::int64_t count, std::int64_t most) {
  const std::int64_t size = std::max<std::int64_t>(most, 1), number = (count + size - 1) / size;
  return (count + number - 1) / number;
}

std::int64_t largest_divisor(std::int64_t count, std::int64_t most) {
  std::int64_t found = std::clamp<std::int64_t>(most, 1, count);
  while (count % found != 0) --found;
  return found;
}

Triple product_voxels(const winograd::TiledPlanes& p) {
  if (p.tiles_w < kShortRow) return {p.count, 1, p.tiles()};
  return {p.count, p.tiles_h, p.tiles_w};
}

}  // namespace

WinogradShape winograd_shape(const Problem& p, std::int64_t lanes) {
  return {.samples = p.samples,
          .inputs = whole_blocks(p.inputs(), lanes),
          .outputs = whole_blocks(p.outputs(), lanes),
          .lanes = lanes,
          .depth = p.kernel[0],
          .input = p.input,
          .output = p.output,
          .padding = p.pad_low};
}

WinogradShape WinogradShape::reversed() const {
  WinogradShape back = *this;
  std::swap(back.inputs, back.outputs);
  std::swap(back.input, back.output);
  const Triple kernel{depth, winograd::kTaps, winograd::kTaps};
  for (std::size_t i = 0; i < 3; ++i) back.padding[i] = kernel[i] - 1 - padding[i];
  return back;
}

WinogradSlabs::WinogradSlabs(const WinogradShape& shape, SlabFloats limits) : shape_(shape) {
  const std::int64_t planes = shape.output[0], rows = tiles(shape.output[1]);
  const std::int64_t of_row = kTileElements * tiles(shape.output[2]);
  const auto floats = [&](std::int64_t of_planes) {
    return of_row * ((of_planes + shape.depth - 1) * shape.inputs + of_planes * shape.outputs);
  };
  // Smaller slabs would read the transformed weights more often than anything else.
  const std::int64_t of_weights = kTileElements * shape.weights().element_floats();
  const std::int64_t fewest =
      std::max(of_weights, std::min(limits.times_weights * of_weights, kMostOfTimes));
  const std::int64_t whole = std::max(limits.whole, fewest);
  if (floats(planes) * rows <= whole) {
    planes_ = planes;
    rows_ = rows;
    samples_ = largest_divisor(shape.samples, whole / (floats(planes) * rows));
    return;
  }
  const std::int64_t cut = std::max(limits.cut, fewest);
  planes_ = part_size(planes, kFewestPlanes);
  rows_ = part_size(rows, cut / floats(planes_));
  while (rows_ == rows && planes_ < planes && floats(2 * planes_) * rows <= cut)
    planes_ = part_size(planes, 2 * planes_);
}

winograd::TiledPlanes WinogradSlabs::input_planes(const Slab& slab) const {
  return {.samples = samples_,
          .blocks = shape_.inputs / shape_.lanes,
          .lanes = shape_.lanes,
          .volume = shape_.input,
          .begin = slab.plane - shape_.padding[0],
          .count = planes_ + shape_.depth - 1,
          .first_row = slab.row,
          .tiles_h = rows_,
          .tiles_w = tiles(shape_.output[2]),
          .pad_h = shape_.padding[1],
          .pad_w = shape_.padding[2]};
}

winograd::TiledPlanes WinogradSlabs::output_planes(const Slab& slab) const {
  return {.samples = samples_,
          .blocks = shape_.outputs / shape_.lanes,
          .lanes = shape_.lanes,
          .volume = shape_.output,
          .begin = slab.plane,
          .count = planes_,
          .first_row = slab.row,
          .tiles_h = rows_,
          .tiles_w = tiles(shape_.output[2])};
}

Problem WinogradSlabs::products() const {
  const auto order = shape_.lanes == 16 ? onednn::Order::kBlocked16 : onednn::Order::kBlocked8;
  return {.samples = samples_,
          .groups = kTileElements,
          .group_inputs = shape_.inputs,
          .group_outputs = shape_.outputs,
          .input = product_voxels(input_planes({})),
          .output = product_voxels(output_planes({})),
          .kernel = {shape_.depth, 1, 1},
          .read_order = order,
          .written_order = order,
          .has_blocked_weight = true,
          .is_training = true};
}

}  // namespace lucid
