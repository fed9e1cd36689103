#pragma once
// Private to this room.

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

// Says what one number x means where a range is expected, and limits its ends.
struct RangeRule {
  enum class Number { kAround, kUpTo };  // centre - x .. centre + x, or 0 .. x
  Number number = Number::kAround;
  double centre = 0;
  double low, high;
};

// Reads the keys that transforms share.
class TransformReader {
 public:
  explicit TransformReader(JsonObject& object) : object_(object) {}

  double p();
  // Reads x or [low, high].
  Range range(std::string_view key, const RangeRule& rule, const Range& fallback);
  // Reads one range for all axes, [x_d, x_h, x_w], or [low_d, high_d, low_h, high_h, low_w,
  // high_w].
  AxisRanges axis_ranges(std::string_view key, const RangeRule& rule, const Range& fallback);
  // Reads a required key: x >= 0 for all axes, or [x_d, x_h, x_w].
  std::array<double, 3> axis_numbers(std::string_view key);
  Padding padding();

 private:
  std::optional<float> fill(std::string_view key);

  JsonObject& object_;
};

}  // namespace lucid
