#pragma once

#include <array>
#include <string_view>

#include "base/json.h"
#include "base/rng.h"
#include "data/augment/grid.h"

namespace lucid {

struct Range {
  double low = 0, high = 0;
  double draw(Rng& rng) const { return low + (high - low) * rng.uniform(); }
};
using AxisRanges = std::array<Range, 3>;  // along d, h, w

std::array<double, 3> draw(const AxisRanges& ranges, Rng& rng);

// What one number x stands for where a range is wanted, and the limits of its ends.
struct RangeRule {
  enum class Number { kAround, kUpTo };  // centre - x .. centre + x, or 0 .. x
  Number number = Number::kAround;
  double centre = 0;
  double low, high;
};

// Reads what the transforms share.
class TransformReader {
 public:
  explicit TransformReader(JsonObject& object) : object_(object) {}

  double p();
  // x or [low, high].
  Range range(std::string_view key, const RangeRule& rule, const Range& fallback);
  // The same for all axes, [x_d, x_h, x_w], or [low_d, high_d, low_h, high_h, low_w, high_w].
  AxisRanges axis_ranges(std::string_view key, const RangeRule& rule, const Range& fallback);
  // Required: x >= 0 for all axes, or [x_d, x_h, x_w].
  std::array<double, 3> axis_numbers(std::string_view key);
  Padding padding();

 private:
  std::optional<float> fill(std::string_view key);

  JsonObject& object_;
};

}  // namespace lucid
