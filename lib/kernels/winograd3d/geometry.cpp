#include "kernels/winograd3d/geometry.h"

#include <algorithm>

namespace lucid::winograd3d {
namespace {

constexpr std::int64_t kMostLanes = 16;
alignas(64) constexpr float kZeros[kMostLanes] = {};

std::int64_t ceiling(std::int64_t count, std::int64_t of) { return (count + of - 1) / of; }

std::int64_t odd_lines(std::int64_t floats) {
  return (ceiling(floats, kMostLanes) / 2 * 2 + 1) * kMostLanes;
}

// The columns that a row of tiles reads: every step-th one of the volume's.
struct Columns {
  std::int64_t offset;        // in the volume, of column 0
  std::int64_t first, count;  // of the tiles' and of the volume's; the first may be below 0
};
Columns columns_from(std::int64_t at, std::int64_t step, std::int64_t extent) {
  const std::int64_t offset = ((at % step) + step) % step;
  return {offset, (at - offset) / step, extent <= offset ? 0 : ceiling(extent - offset, step)};
}

// Sets where a row of voxels of a block begins, and the distance of columns. Outside the volume
// one voxel of zeros stands for all.
void set_row(const Triple& volume, std::int64_t d, std::int64_t h, std::int64_t w,
             std::int64_t step, Type type, const void* block, const void** row,
             std::int64_t* row_step, std::int64_t lanes) {
  const bool is_inside = d >= 0 && d < volume[0] && h >= 0 && h < volume[1];
  *row =
      is_inside ? element_at(block, type, ((d * volume[1] + h) * volume[2] + w) * lanes) : kZeros;
  *row_step = is_inside ? step * lanes : 0;
}

}  // namespace

Triple Geometry::tiles() const {
  constexpr Triple kSides{kOutputPlanes, kOutputSide, kOutputSide};
  Triple result{};
  for (std::size_t i = 0; i < 3; ++i)
    result[i] = ceiling(ceiling(output[i], dilation[i]), kSides[i]);
  return result;
}

std::int64_t Geometry::input_element(std::int64_t tiles) const { return odd_lines(tiles * inputs); }
std::int64_t Geometry::output_element(std::int64_t tiles) const {
  return odd_lines(tiles * outputs);
}

Geometry::Place Geometry::place(std::int64_t tile) const {
  const Triple count = tiles();
  const auto next = [&tile](std::int64_t extent) {
    const std::int64_t index = tile % extent;
    tile /= extent;
    return index;
  };
  const std::int64_t w = next(count[2]), d = next(count[0]), h = next(count[1]);
  const std::int64_t from_w = next(dilation[2]), from_h = next(dilation[1]);
  const std::int64_t from_d = next(dilation[0]);
  return {tile, from_d + d * kOutputPlanes * dilation[0], from_h + h * kOutputSide * dilation[1],
          from_w + w * kOutputSide * dilation[2]};
}

std::int64_t Geometry::tiles_of_row(std::int64_t first, std::int64_t count) const {
  const std::int64_t in_row = tiles()[2];
  return std::min(count, in_row - first % in_row);
}

InputRow Geometry::input_row(const Place& at, std::int64_t tiles, const void* block) const {
  const Columns columns = columns_from(at.w - padding[2], dilation[2], input[2]);
  const std::int64_t ahead = kOutputPlanes * dilation[0] * input[1] * input[2] * lanes;
  InputRow row{{}, {}, columns.first, columns.count, tiles, ahead};
  for (std::int64_t i = 0; i < kInputPlanes * kInputSide; ++i)
    set_row(input, at.d - padding[0] + i / kInputSide * dilation[0],
            at.h - padding[1] + i % kInputSide * dilation[1], columns.offset, dilation[2],
            input_type, block, &row.rows[i], &row.steps[i], lanes);
  return row;
}

GradientRow Geometry::gradient_row(const Place& at, std::int64_t tiles, const void* block) const {
  const Columns columns = columns_from(at.w, dilation[2], output[2]);
  GradientRow row{{}, {}, columns.first, columns.count, tiles};
  for (std::int64_t i = 0; i < kOutputPlanes * kOutputSide; ++i)
    set_row(output, at.d + i / kOutputSide * dilation[0], at.h + i % kOutputSide * dilation[1],
            columns.offset, dilation[2], output_type, block, &row.rows[i], &row.steps[i], lanes);
  return row;
}

OutputTile Geometry::output_tile(const Place& at, void* block) const {
  const std::int64_t row = output[2] * lanes, plane = output[1] * row;
  const auto inside = [&](std::size_t axis, std::int64_t from, std::int64_t side) {
    const std::int64_t left = ceiling(output[axis] - from, dilation[axis]);
    return std::clamp<std::int64_t>(left, 0, side);
  };
  const std::int64_t planes = inside(0, at.d, kOutputPlanes);
  const std::int64_t rows = inside(1, at.h, kOutputSide);
  const std::int64_t columns = inside(2, at.w, kOutputSide);
  const bool is_empty = planes == 0 || rows == 0 || columns == 0;
  const std::int64_t first = is_empty ? 0 : at.d * plane + at.h * row + at.w * lanes;
  return {element_at(block, output_type, first),
          plane * dilation[0],
          row * dilation[1],
          lanes * dilation[2],
          is_empty ? 0 : planes,
          rows,
          columns};
}

PooledTile Geometry::pooled_tile(const Place& at, void* block, std::uint8_t* index) const {
  const Triple pooled{output[0] / 2, output[1] / 2, output[2] / 2};
  const std::int64_t row = pooled[2] * lanes;
  const std::int64_t first = (at.d / 2 * pooled[1] + at.h / 2) * row + at.w / 2 * lanes;
  return {element_at(block, output_type, first), index == nullptr ? nullptr : index + first, row,
          std::min<std::int64_t>(kOutputSide / 2, pooled[1] - at.h / 2),
          std::min<std::int64_t>(kOutputSide / 2, pooled[2] - at.w / 2)};
}

}  // namespace lucid::winograd3d
