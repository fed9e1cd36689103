#include "data/resample/volume_grid.h"

#include <algorithm>

#include "base/text.h"
#include "data/resample/interpolate.h"
#include "data/volumes/voxel_size.h"

namespace lucid {
namespace {

// The size of the parts that a volume is read in.
constexpr std::int64_t kReadVoxels = 1 << 22, kReadEdge = 64;
constexpr std::int64_t kMostVoxels = std::int64_t{1} << 40;

std::span<float> scratch(std::int64_t count) {
  thread_local std::vector<float> values;
  values.resize(static_cast<std::size_t>(count));
  return values;
}

void read_stored(const VolumeStacks& stacks, std::size_t sample, const Box& box,
                 const Normalization& normalization, std::span<float> out) {
  std::span<float> rest = out;
  for (const auto& input : stacks.inputs) {
    const auto count = static_cast<std::size_t>(input->volume_shape()[0] * box.voxels());
    input->read(sample, box, rest.first(count));
    rest = rest.subspan(count);
  }
  normalization.apply(out, stacks.volume_shape()[0]);
}

Box moved(Box box, const Triple& by) {
  for (std::size_t axis = 0; axis < 3; ++axis) box.begin[axis] -= by[axis];
  return box;
}

// Widens `box` by the place of a voxel.
void include(const Triple& voxel, Triple& low, Triple& high) {
  for (std::size_t axis = 0; axis < 3; ++axis) {
    low[axis] = std::min(low[axis], voxel[axis]);
    high[axis] = std::max(high[axis], voxel[axis] + 1);
  }
}

}  // namespace

VolumeGrid::VolumeGrid(const Box& region, const VoxelSize& from, const VoxelSize& to)
    : region_(region) {
  if (resampled_extents(region.size, from, to) != region.size)
    resampling_ = std::make_shared<VolumeResampling>(region, from, to);
}

Box VolumeGrid::region() const {
  return resampling_ ? Box{{0, 0, 0}, resampling_->extents()} : region_;
}

Box VolumeGrid::stored_values(const Box& part) const {
  return resampling_ ? resampling_->stored_values(part) : part;
}

Box VolumeGrid::stored_labels(const Box& part) const {
  return resampling_ ? resampling_->stored_labels(part) : part;
}

void VolumeGrid::read_inputs(const VolumeStacks& stacks, std::size_t sample, const Box& part,
                             const Normalization& normalization, std::span<float> out) const {
  if (!resampling_) return read_stored(stacks, sample, part, normalization, out);
  const Box box = stored_values(part), of = moved(box, region_.begin);
  const Shape::Extent channels = stacks.volume_shape()[0];
  const std::span<float> stored = scratch(channels * box.voxels());
  read_stored(stacks, sample, box, normalization, stored);
  const auto from = static_cast<std::size_t>(box.voxels()),
             to = static_cast<std::size_t>(part.voxels());
  for (std::size_t c = 0; c < static_cast<std::size_t>(channels); ++c)
    interpolate_values(resampling_->values(), of, stored.subspan(c * from, from), part,
                       out.subspan(c * to, to));
}

void VolumeGrid::read_target(const Stack& stack, std::size_t sample, const Box& part,
                             std::span<float> out, int threads) const {
  if (!resampling_) return stack.read(sample, part, out, threads);
  if (part.voxels() == 0) return;
  const Box box = stored_labels(part), of = moved(box, region_.begin);
  const auto from = static_cast<std::size_t>(box.voxels()),
             to = static_cast<std::size_t>(part.voxels());
  const std::size_t channels = out.size() / to;
  const std::span<float> stored = scratch(static_cast<std::int64_t>(channels * from));
  stack.read(sample, box, stored, threads);
  for (std::size_t c = 0; c < channels; ++c)
    (stack.holds_integers() ? interpolate_labels : interpolate_values)(
        resampling_->labels(), of, stored.subspan(c * from, from), part, out.subspan(c * to, to));
}

std::string VolumeGrid::key() const {
  if (!resampling_) return "";
  return "|resampled " + box_text(region_) + " to " + box_text(region());
}

VoxelSize known_voxel_size(const VolumeStacks& stacks, const GridConfig& config) {
  if (const auto size = voxel_size_of(stacks.first())) return *size;
  if (config.voxel_size) return *config.voxel_size;
  fail(stacks.first().place(),
       "expected a voxel size, as \"spacing\" in data resamples volumes, found none; set the "
       "attribute 'voxel_size_mm' to mm along d, h, w, or \"voxel_size\" in data");
}

VoxelSize median_voxel_size(std::vector<VoxelSize> sizes) {
  VoxelSize median;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    std::ranges::sort(sizes, {}, [&](const VoxelSize& size) { return size[axis]; });
    const std::size_t middle = sizes.size() / 2;
    median[axis] = sizes.size() % 2 == 1 ? sizes[middle][axis]
                                         : (sizes[middle - 1][axis] + sizes[middle][axis]) / 2;
  }
  return median;
}

Box nonzero_box(const VolumeStacks& stacks, std::size_t sample, const Box& within, int threads) {
  Triple low{within.end(0), within.end(1), within.end(2)}, high = within.begin;
  std::vector<float> values;
  for (const auto& input : stacks.inputs)
    walk_boxes(within, kReadEdge, kReadVoxels, [&](const Box& part) {
      const std::int64_t rows = input->volume_shape()[0] * part.size[0] * part.size[1];
      values.resize(static_cast<std::size_t>(rows * part.size[2]));
      input->read(sample, part, values, threads);
      const auto is_set = [](float value) { return value != 0; };
      for (std::int64_t row = 0; row < rows; ++row) {
        const auto line = std::span(values).subspan(static_cast<std::size_t>(row * part.size[2]),
                                                    static_cast<std::size_t>(part.size[2]));
        const auto first = std::ranges::find_if(line, is_set);
        if (first == line.end()) continue;
        const auto last = std::find_if(line.rbegin(), line.rend(), is_set);
        const std::int64_t d = part.begin[0] + row / part.size[1] % part.size[0],
                           h = part.begin[1] + row % part.size[1];
        include({d, h, part.begin[2] + (first - line.begin())}, low, high);
        include({d, h, part.begin[2] + (line.rend() - last) - 1}, low, high);
      }
    });
  if (high == within.begin) return within;
  return {low, {high[0] - low[0], high[1] - low[1], high[2] - low[2]}};
}

VolumeGrid grid_of(const VolumeStacks& stacks, const Box& region, const GridConfig& config) {
  if (!config.spacing) return VolumeGrid(region);
  const VoxelSize from = known_voxel_size(stacks, config);
  const Triple to = resampled_extents(region.size, from, *config.spacing);
  if (to[0] > kMostVoxels / to[1] / to[2])
    fail(stacks.first().place(), "expected at most 2^40 voxels at a spacing of " +
                                     voxel_size_text(*config.spacing) + " mm, found " +
                                     std::to_string(to[0]) + " x " + std::to_string(to[1]) + " x " +
                                     std::to_string(to[2]));
  return {region, from, *config.spacing};
}

}  // namespace lucid
