#include "base/duration.h"

#include <cmath>
#include <cstdint>

#include "base/text.h"

namespace lucid {

std::string duration_text(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::lround(seconds));
  if (whole < 60) return fixed_text(seconds, 1) + " s";
  const auto two = [](std::int64_t number) {
    return (number < 10 ? ":0" : ":") + std::to_string(number);
  };
  return std::to_string(whole / 3600) + two(whole / 60 % 60) + two(whole % 60);
}

}  // namespace lucid
