#pragma once
// Private to this room.

#include <array>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/rng.h"
#include "data/augment/channel_choice.h"
#include "data/augment/grid.h"

namespace lucid {

struct Range {
  double low = 0, high = 0;
  double draw(Rng& rng) const { return low + (high - low) * rng.uniform(); }
};
using AxisRanges = std::array<Range, 3>;  // along d, h, w

std::array<double, 3> draw(const AxisRanges& ranges, Rng& rng);

// Returns the axes that letters of d, h, w name, in their order; none if a letter is another one or
// stands twice.
std::vector<std::size_t> axes_named(const std::string& letters);

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
  ChannelChoice channels();          // "p_per_channel"
  std::array<bool, 3> axes();        // letters of d, h, w; by default all
  std::vector<std::size_t> plane();  // two of d, h, w; empty: the key is absent
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
