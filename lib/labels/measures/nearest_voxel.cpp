#include "labels/measures/nearest_voxel.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/error.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

constexpr std::size_t kLeafPoints = 12;
// Neighbours in a block begin their search at what the one before found.
constexpr std::int64_t kQueryBlock = 4096;

}  // namespace

NearestVoxel::NearestVoxel(std::span<const std::int64_t> voxels, const Triple& extents,
                           const Spacing& spacing)
    : extents_(extents), spacing_(spacing) {
  for (const std::int64_t extent : extents)
    if (extent > std::numeric_limits<std::int32_t>::max())
      throw Error(ExitCode::kFailed, "expected extents of at most 2147483647 voxels");
  points_.reserve(voxels.size());
  for (const std::int64_t voxel : voxels) points_.push_back(point(voxel));
  std::size_t leaves = 1;
  while (leaves * kLeafPoints < points_.size()) leaves *= 2;
  nodes_.resize(leaves - 1);
  build(0, 0, points_.size());
}

NearestVoxel::Point NearestVoxel::point(std::int64_t voxel) const {
  const std::int64_t row = voxel / extents_[2];
  return {static_cast<std::int32_t>(row / extents_[1]),
          static_cast<std::int32_t>(row % extents_[1]),
          static_cast<std::int32_t>(voxel % extents_[2])};
}

double NearestVoxel::squared(const Point& a, const Point& b) const {
  double sum = 0;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const double step = spacing_[axis] * (a[axis] - b[axis]);
    sum += step * step;
  }
  return sum;
}

// Halves the points along the axis on which they reach furthest, in mm.
void NearestVoxel::build(std::size_t node, std::size_t begin, std::size_t end) {
  if (node >= nodes_.size()) return;
  Point low = points_[begin], high = low;
  for (std::size_t i = begin; i < end; ++i)
    for (std::size_t axis = 0; axis < 3; ++axis) {
      low[axis] = std::min(low[axis], points_[i][axis]);
      high[axis] = std::max(high[axis], points_[i][axis]);
    }
  std::size_t axis = 0;
  for (std::size_t other = 1; other < 3; ++other)
    if (spacing_[other] * (high[other] - low[other]) > spacing_[axis] * (high[axis] - low[axis]))
      axis = other;
  const std::size_t middle = begin + (end - begin) / 2;
  const auto first = points_.begin();
  std::nth_element(first + static_cast<std::ptrdiff_t>(begin),
                   first + static_cast<std::ptrdiff_t>(middle),
                   first + static_cast<std::ptrdiff_t>(end),
                   [axis](const Point& a, const Point& b) { return a[axis] < b[axis]; });
  nodes_[node] = {points_[middle][axis], static_cast<std::int8_t>(axis)};
  build(2 * node + 1, begin, middle);
  build(2 * node + 2, middle, end);
}

std::vector<double> NearestVoxel::distances(std::span<const std::int64_t> voxels) const {
  std::vector<double> found(voxels.size());
  parallel_blocks(std::ssize(voxels), kQueryBlock, [&](std::int64_t begin, std::int64_t end) {
    Search state{};
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
      state.from = point(voxels[i]);
      state.best = squared(state.from, points_[state.nearest]);
      search(0, 0, points_.size(), state);
      found[i] = std::sqrt(state.best);
    }
  });
  return found;
}

void NearestVoxel::search(std::size_t node, std::size_t begin, std::size_t end,
                          Search& state) const {
  if (node >= nodes_.size()) {
    for (std::size_t i = begin; i < end; ++i)
      if (const double distance = squared(state.from, points_[i]); distance < state.best) {
        state.best = distance;
        state.nearest = i;
      }
    return;
  }
  const Node cell = nodes_[node];
  const auto axis = static_cast<std::size_t>(cell.axis);
  const std::size_t middle = begin + (end - begin) / 2;
  const bool is_left = state.from[axis] < cell.at;
  const auto go = [&](bool left) {
    search(2 * node + (left ? 1 : 2), left ? begin : middle, left ? middle : end, state);
  };
  go(is_left);
  const double step = spacing_[axis] * (state.from[axis] - cell.at);
  const double before = std::exchange(state.beside[axis], step * step);
  if (state.beside[0] + state.beside[1] + state.beside[2] < state.best) go(!is_left);
  state.beside[axis] = before;
}

}  // namespace lucid
