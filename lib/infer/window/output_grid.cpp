#include "infer/window/output_grid.h"

#include <algorithm>
#include <cassert>

#include "data/resample/interpolate.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

std::array<VoxelTaps, 3> copies(const Triple& extents) {
  const auto copy = [&](std::size_t axis) {
    return VoxelTaps(extents[axis], extents[axis], SplineOrder::kNearest);
  };
  return {copy(0), copy(1), copy(2)};
}

}  // namespace

OutputGrid::OutputGrid(const VolumeGrid& seen, const Triple& stored, bool keeps_spacing)
    : region_(seen.stored_region()), extents_(seen.region().size), seen_(extents_) {
  const bool is_all = region_ == Box{{0, 0, 0}, stored};
  if (keeps_spacing || (is_all && seen.resampling() == nullptr)) return;
  extents_ = stored;
  back_ = seen.resampling() != nullptr ? seen.resampling()->back() : copies(region_.size);
}

std::int64_t OutputGrid::ready(std::int64_t seen_end) const {
  if (is_as_seen()) return seen_end;
  std::int64_t count = 0;
  while (count < region_.size[0] && (*back_)[0].last_end(count) <= seen_end) ++count;
  return count == region_.size[0] ? extents_[0] : region_.begin[0] + count;
}

std::int64_t OutputGrid::first_seen(std::int64_t plane) const {
  if (is_as_seen()) return plane;
  const std::int64_t at = std::max<std::int64_t>(in_region(plane), 0);
  return at < region_.size[0] ? (*back_)[0].first(at) : seen_[0];
}

std::int64_t OutputGrid::seen_end(std::int64_t plane) const {
  if (is_as_seen()) return plane;
  const std::int64_t last = std::min(in_region(plane), region_.size[0]) - 1;
  return last < 0 ? 0 : (*back_)[0].last_end(last);
}

void OutputGrid::make(std::int64_t begin, std::int64_t end, std::span<const float> seen,
                      std::int64_t first, std::span<const float> outside,
                      std::span<float> out) const {
  assert(!is_as_seen());
  const auto channels = std::ssize(outside);
  const std::int64_t seen_plane = seen_[1] * seen_[2], plane = extents_[1] * extents_[2],
                     part_plane = region_.size[1] * region_.size[2];
  const VoxelTaps& d = (*back_)[0];
  const PlanePart whole{
      (*back_)[1], (*back_)[2], Box{{0, 0, 0}, {1, region_.size[1], region_.size[2]}},
      0,           0,           seen_[2]};
  parallel_for((end - begin) * channels, [&](std::int64_t i) {
    const std::int64_t z = in_region(begin + i / channels), c = i % channels;
    const auto to =
        out.subspan(static_cast<std::size_t>(i * plane), static_cast<std::size_t>(plane));
    std::ranges::fill(to, outside[static_cast<std::size_t>(c)]);
    if (z < 0 || z >= region_.size[0]) return;
    std::vector<const float*> from;
    for (std::int64_t k = d.first(z); k < d.last_end(z); ++k)
      from.push_back(seen.data() + ((k - first) * channels + c) * seen_plane);
    std::vector<float> mixed(static_cast<std::size_t>(seen_plane)),
        part(static_cast<std::size_t>(part_plane));
    combine_planes(d.weights(z), from, mixed);
    interpolate_plane(whole, mixed, part);
    for (std::int64_t y = 0; y < region_.size[1]; ++y)
      std::copy_n(part.begin() + y * region_.size[2], region_.size[2],
                  to.begin() + (region_.begin[1] + y) * extents_[2] + region_.begin[2]);
  });
}

}  // namespace lucid
