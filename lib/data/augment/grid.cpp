#include "data/augment/grid.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace lucid {
namespace {

// Returns the strides of d, h, w.
Triple strides_of(const Grid& grid) {
  return {grid.extents[1] * grid.extents[2], grid.extents[2], 1};
}

// Exchanges two axes of equal extents.
void transpose(Grid& grid, std::size_t a, std::size_t b) {
  assert(grid.extents[a] == grid.extents[b]);
  const Triple strides = strides_of(grid);
  const std::size_t other = 3 - a - b;
  for (std::int64_t c = 0; c < grid.channels; ++c)
    for (std::int64_t k = 0; k < grid.extents[other]; ++k) {
      float* plane = grid.channel(c).data() + k * strides[other];
      for (std::int64_t i = 1; i < grid.extents[a]; ++i)
        for (std::int64_t j = 0; j < i; ++j)
          std::swap(plane[i * strides[a] + j * strides[b]], plane[j * strides[a] + i * strides[b]]);
    }
}

// Copies a row along w that begins at `origin` in a row of `extent` voxels.
void crop_row(const float* row, std::int64_t extent, std::int64_t origin, std::span<float> out,
              std::optional<float> fill) {
  const auto width = std::ssize(out);
  const std::int64_t begin = std::clamp<std::int64_t>(-origin, 0, width);
  const std::int64_t end = std::clamp<std::int64_t>(extent - origin, begin, width);
  std::fill(out.begin(), out.begin() + begin, fill.value_or(row[0]));
  std::copy(row + origin + begin, row + origin + end, out.begin() + begin);
  std::fill(out.begin() + end, out.end(), fill.value_or(row[extent - 1]));
}

}  // namespace

std::string extents_text(const Triple& extents) {
  return std::to_string(extents[0]) + "x" + std::to_string(extents[1]) + "x" +
         std::to_string(extents[2]);
}

void flip(Grid& grid, std::size_t axis) {
  const std::int64_t count = grid.extents[axis], inner = strides_of(grid)[axis];
  const std::int64_t outer = grid.channels * grid.voxels() / (count * inner);
  float* block = grid.values.data();
  for (std::int64_t i = 0; i < outer; ++i, block += count * inner) {
    if (inner == 1) {
      std::reverse(block, block + count);
      continue;
    }
    for (std::int64_t low = 0, high = count - 1; low < high; ++low, --high)
      std::swap_ranges(block + low * inner, block + (low + 1) * inner, block + high * inner);
  }
}

void rotate90(Grid& grid, std::size_t a, std::size_t b, int turns) {
  if (turns == 2) {
    flip(grid, a);
    flip(grid, b);
  } else if (turns != 0) {
    transpose(grid, a, b);
    flip(grid, turns == 1 ? a : b);
  }
}

void crop(Grid& grid, const Triple& origin, const Triple& size, std::optional<float> fill) {
  const Triple strides = strides_of(grid), extents = grid.extents;
  const auto width = static_cast<std::size_t>(size[2]);
  grid.spare.resize(static_cast<std::size_t>(grid.channels * size[0] * size[1] * size[2]));
  std::span<float> rest(grid.spare);
  for (std::int64_t c = 0; c < grid.channels; ++c)
    for (std::int64_t i = origin[0]; i < origin[0] + size[0]; ++i)
      for (std::int64_t j = origin[1]; j < origin[1] + size[1]; ++j) {
        const std::span<float> out = rest.first(width);
        rest = rest.subspan(width);
        const bool is_inside = 0 <= i && i < extents[0] && 0 <= j && j < extents[1];
        if (!is_inside && fill) {
          std::ranges::fill(out, *fill);
          continue;
        }
        const std::int64_t d = std::clamp<std::int64_t>(i, 0, extents[0] - 1);
        const std::int64_t h = std::clamp<std::int64_t>(j, 0, extents[1] - 1);
        const float* row = grid.channel(c).data() + d * strides[0] + h * strides[1];
        crop_row(row, extents[2], origin[2], out, fill);
      }
  std::swap(grid.values, grid.spare);
  grid.extents = size;
}

}  // namespace lucid
