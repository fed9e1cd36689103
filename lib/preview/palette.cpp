#include "preview/palette.h"

#include <array>
#include <cmath>

namespace lucid {
namespace {

constexpr std::array<Colour, 7> kFirst{{{230, 159, 0},
                                        {86, 180, 233},
                                        {0, 158, 115},
                                        {240, 228, 66},
                                        {213, 94, 0},
                                        {204, 121, 167},
                                        {0, 114, 178}}};

Colour of_hue(double hue, double light) {
  const auto channel = [&](double shift) {
    const double wave = 0.5 + 0.5 * std::cos(2 * 3.14159265358979 * (hue + shift));
    return static_cast<std::uint8_t>(std::lround(255 * light * (0.25 + 0.75 * wave)));
  };
  return {channel(0), channel(-1.0 / 3), channel(1.0 / 3)};
}

}  // namespace

Colour class_colour(std::int64_t label) {
  const auto place = static_cast<std::size_t>(label - 1);
  if (place < kFirst.size()) return kFirst[place];
  constexpr double kGolden = 0.61803398875;  // fraction of a turn that keeps neighbours apart
  return of_hue(std::fmod(static_cast<double>(place) * kGolden, 1.0), place % 2 == 0 ? 1.0 : 0.7);
}

}  // namespace lucid
