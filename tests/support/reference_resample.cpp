#include "support/reference_resample.h"

#include <algorithm>
#include <cmath>

namespace lucid::test {
namespace {

using Index = std::int64_t;

// Calls body(index in the result, index in the input, weight) for every pair that has a weight.
template <class Body>
void walk(const Shape& input, const Mix& mix, const Body& body) {
  std::size_t to = 0;
  for (Index plane = 0; plane < input[0] * input[1]; ++plane)
    for (const auto& d : mix[0])
      for (const auto& h : mix[1])
        for (const auto& w : mix[2]) {
          for (const auto& [id, wd] : d)
            for (const auto& [ih, wh] : h)
              for (const auto& [iw, ww] : w)
                body(to,
                     static_cast<std::size_t>(((plane * input[2] + id) * input[3] + ih) * input[4] +
                                              iw),
                     wd * wh * ww);
          ++to;
        }
}

}  // namespace

Array mixed(const Array& x, const Mix& mix) {
  const auto extent = [&](std::size_t axis) { return static_cast<Index>(mix[axis].size()); };
  Array y(Shape{x.shape[0], x.shape[1], extent(0), extent(1), extent(2)});
  walk(x.shape, mix, [&](std::size_t to, std::size_t from, double weight) {
    y.values[to] += weight * x.values[from];
  });
  return y;
}

Array mixed_gradient(const Array& dy, const Shape& input, const Mix& mix) {
  Array dx(input);
  walk(input, mix, [&](std::size_t to, std::size_t from, double weight) {
    dx.values[from] += weight * dy.values[to];
  });
  return dx;
}

AxisMix reflected(Index input, Index low, Index high) {
  AxisMix axis;
  for (Index at = -low; at < input + high; ++at)
    axis.push_back({{input - 1 - std::abs(input - 1 - std::abs(at)), 1.0}});
  return axis;
}

AxisMix replicated(Index input, Index low, Index high) {
  AxisMix axis;
  for (Index at = -low; at < input + high; ++at)
    axis.push_back({{std::max<Index>(0, std::min(at, input - 1)), 1.0}});
  return axis;
}

AxisMix nearest(Index input, Index output, double ratio) {
  AxisMix axis;
  for (Index o = 0; o < output; ++o)
    axis.push_back(
        {{std::min(static_cast<Index>(std::floor(static_cast<double>(o) * ratio)), input - 1),
          1.0}});
  return axis;
}

AxisMix interpolated(Index input, Index output, double ratio, bool aligns_corners) {
  AxisMix axis;
  for (Index o = 0; o < output; ++o) {
    const auto place = static_cast<double>(o);
    const double at = aligns_corners ? place * ratio : std::max(0.0, (place + 0.5) * ratio - 0.5);
    const Index low = std::min(static_cast<Index>(at), input - 1);
    const Index high = std::min(low + 1, input - 1);
    const double part = std::min(1.0, at - static_cast<double>(low));
    axis.push_back({{low, 1 - part}, {high, part}});
  }
  return axis;
}

}  // namespace lucid::test
