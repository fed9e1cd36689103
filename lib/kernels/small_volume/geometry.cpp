#include "kernels/small_volume/geometry.h"

#include <algorithm>

namespace lucid::small_volume {
namespace {

// The quotient rounded down or up, of a dividend of any sign.
std::int64_t floor_of(std::int64_t dividend, std::int64_t divisor) {
  return dividend >= 0 ? dividend / divisor : -((divisor - 1 - dividend) / divisor);
}
std::int64_t ceiling_of(std::int64_t dividend, std::int64_t divisor) {
  return -floor_of(-dividend, divisor);
}

}  // namespace

Taps Geometry::taps_of_output(std::size_t axis, std::int64_t voxel) const {
  const std::int64_t at = voxel * stride[axis] - padding[axis];
  const std::int64_t first = std::max<std::int64_t>(0, -at);
  const std::int64_t end = std::min(kernel[axis], x.volume[axis] - at);
  return {std::max<std::int64_t>(0, end - first), first, 1, at + first, 1};
}

Taps Geometry::taps_of_input(std::size_t axis, std::int64_t voxel) const {
  const std::int64_t at = voxel + padding[axis];
  const std::int64_t first =
      std::max<std::int64_t>(0, ceiling_of(at - kernel[axis] + 1, stride[axis]));
  const std::int64_t end = std::min(y.volume[axis], at / stride[axis] + 1);
  return {std::max<std::int64_t>(0, end - first), at - first * stride[axis], -stride[axis], first,
          1};
}

Span Geometry::outputs_of_tap(std::size_t axis, std::int64_t tap) const {
  const std::int64_t at = tap - padding[axis];
  const std::int64_t first = std::max<std::int64_t>(0, ceiling_of(-at, stride[axis]));
  const std::int64_t end =
      std::min(y.volume[axis], floor_of(x.volume[axis] - 1 - at, stride[axis]) + 1);
  return {first, std::max<std::int64_t>(0, end - first)};
}

std::int64_t Geometry::pairs() const {
  std::int64_t product = 1;
  for (std::size_t axis = 0; axis < kAxes; ++axis) {
    std::int64_t sum = 0;
    for (std::int64_t tap = 0; tap < kernel[axis]; ++tap) sum += outputs_of_tap(axis, tap).count;
    product *= sum;
  }
  return product;
}

}  // namespace lucid::small_volume
