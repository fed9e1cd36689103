#include "layers/resample/padding.h"

#include <algorithm>

namespace lucid {

AxisTaps padded_axis(PaddingMode mode, std::int64_t input, std::int64_t low, std::int64_t high) {
  AxisTaps axis;
  for (std::int64_t at = -low; at < input + high; ++at) {
    const bool is_inside = at >= 0 && at < input;
    if (mode == PaddingMode::kZeros && !is_inside) {
      axis.add_output({});
      continue;
    }
    const std::int64_t reflected = at < 0 ? -at : at >= input ? 2 * (input - 1) - at : at;
    const std::int64_t nearest = std::clamp<std::int64_t>(at, 0, input - 1);
    axis.add_output({{mode == PaddingMode::kReflect ? reflected : nearest, 1.F}});
  }
  return axis;
}

std::array<AxisTaps, 3> padded_axes(PaddingMode mode, const Triple& input, const Window& window) {
  const auto axis = [&](std::size_t i) {
    return padded_axis(mode, input[i], window.pad_low[i], window.pad_high[i]);
  };
  return {axis(0), axis(1), axis(2)};
}

}  // namespace lucid
