#include "support/reference.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lucid::test {
namespace {

using Index = std::int64_t;

// Calls body(output voxel, kernel element, input voxel) for every pair of the first two whose input
// voxel exists; the three count in D, H, W order.
template <class Body>
void walk(const Shape& input, const Window& window, const Body& body) {
  const auto [out_d, out_h, out_w] = window.output;
  const auto [kernel_d, kernel_h, kernel_w] = window.kernel;
  Index output = 0;
  const Triple extents{input[2], input[3], input[4]};
  // The position along an axis that element k of output o reads, or none.
  constexpr Index kOutside = -1;
  const auto position = [&](std::size_t axis, Index o, Index k) {
    const Index at = o * window.stride[axis] - window.low[axis] + k * window.dilation[axis];
    return at < extents[axis] ? std::max(at, kOutside) : kOutside;
  };
  for (Index od = 0; od < out_d; ++od)
    for (Index oh = 0; oh < out_h; ++oh)
      for (Index ow = 0; ow < out_w; ++ow, ++output) {
        for (Index kd = 0; kd < kernel_d; ++kd) {
          const Index d = position(0, od, kd);
          if (d == kOutside) continue;
          for (Index kh = 0; kh < kernel_h; ++kh) {
            const Index h = position(1, oh, kh);
            if (h == kOutside) continue;
            for (Index kw = 0; kw < kernel_w; ++kw) {
              const Index w = position(2, ow, kw);
              if (w == kOutside) continue;
              body(output, (kd * kernel_h + kh) * kernel_w + kw,
                   (d * extents[1] + h) * extents[2] + w);
            }
          }
        }
      }
}

Index volume(const Triple& extents) { return extents[0] * extents[1] * extents[2]; }
Index volume(const Shape& shape) { return shape[2] * shape[3] * shape[4]; }

// Calls body(index in y, index in weight, index in x) for every product of a convolution.
template <class Body>
void for_each_product(const Shape& x, const Shape& weight, const Window& window, const Body& body) {
  const Index group_inputs = weight[1], group_outputs = weight[0] / (x[1] / group_inputs);
  const Index out_voxels = volume(window.output), in_voxels = volume(x),
              taps = volume(window.kernel);
  for (Index n = 0; n < x[0]; ++n)
    for (Index o = 0; o < weight[0]; ++o)
      for (Index c = 0; c < group_inputs; ++c) {
        const Index channel = o / group_outputs * group_inputs + c;
        walk(x, window, [&](Index to, Index tap, Index from) {
          body(static_cast<std::size_t>((n * weight[0] + o) * out_voxels + to),
               static_cast<std::size_t>((o * group_inputs + c) * taps + tap),
               static_cast<std::size_t>((n * x[1] + channel) * in_voxels + from));
        });
      }
}

}  // namespace

Array conv(const Array& x, const Array& weight, const Array& bias, const Window& window) {
  const auto [d, h, w] = window.output;
  Array y(Shape{x.shape[0], weight.shape[0], d, h, w});
  const auto voxels = static_cast<std::size_t>(volume(window.output));
  for (std::size_t i = 0; !bias.values.empty() && i < y.values.size(); ++i)
    y.values[i] = bias.values[i / voxels % bias.values.size()];
  for_each_product(x.shape, weight.shape, window, [&](auto to, auto tap, auto from) {
    y.values[to] += weight.values[tap] * x.values[from];
  });
  return y;
}

Array conv_input_gradient(const Array& x, const Array& weight, const Array& dy,
                          const Window& window) {
  Array dx(x.shape);
  for_each_product(x.shape, weight.shape, window, [&](auto to, auto tap, auto from) {
    dx.values[from] += weight.values[tap] * dy.values[to];
  });
  return dx;
}

Array conv_weight_gradient(const Array& x, const Array& weight, const Array& dy,
                           const Window& window) {
  Array dw(weight.shape);
  for_each_product(x.shape, weight.shape, window, [&](auto to, auto tap, auto from) {
    dw.values[tap] += dy.values[to] * x.values[from];
  });
  return dw;
}

Array bias_gradient(const Array& dy) {
  Array db(Shape{dy.shape[1]});
  const std::size_t channels = db.values.size();
  const std::size_t voxels = dy.values.size() / channels / static_cast<std::size_t>(dy.shape[0]);
  for (std::size_t i = 0; i < dy.values.size(); ++i)
    db.values[i / voxels % channels] += dy.values[i];
  return db;
}

Array max_pool(const Array& x, const Window& window, std::vector<std::size_t>& winners) {
  const auto [d, h, w] = window.output;
  Array y(Shape{x.shape[0], x.shape[1], d, h, w});
  std::ranges::fill(y.values, -std::numeric_limits<double>::infinity());
  winners.assign(y.values.size(), 0);
  for (Index plane = 0; plane < x.shape[0] * x.shape[1]; ++plane)
    walk(x.shape, window, [&](Index to, Index, Index from) {
      const auto output = static_cast<std::size_t>(plane * volume(window.output) + to);
      const auto input = static_cast<std::size_t>(plane * volume(x.shape) + from);
      const double now = y.values[output], value = x.values[input];
      if (value > now || std::isnan(value)) {
        y.values[output] = value;
        winners[output] = input;
      }
    });
  return y;
}

Array max_pool_gradient(const Array& dy, const Shape& input,
                        const std::vector<std::size_t>& winners) {
  Array dx(input);
  for (std::size_t i = 0; i < winners.size(); ++i) dx.values[winners[i]] += dy.values[i];
  return dx;
}

Array avg_pool(const Array& x, const Window& window, const std::vector<double>& divisors) {
  const auto [d, h, w] = window.output;
  Array y(Shape{x.shape[0], x.shape[1], d, h, w});
  for (Index plane = 0; plane < x.shape[0] * x.shape[1]; ++plane)
    walk(x.shape, window, [&](Index to, Index, Index from) {
      y.values[static_cast<std::size_t>(plane * volume(window.output) + to)] +=
          x.values[static_cast<std::size_t>(plane * volume(x.shape) + from)] /
          divisors[static_cast<std::size_t>(to)];
    });
  return y;
}

Array avg_pool_gradient(const Array& dy, const Shape& input, const Window& window,
                        const std::vector<double>& divisors) {
  Array dx(input);
  for (Index plane = 0; plane < input[0] * input[1]; ++plane)
    walk(input, window, [&](Index to, Index, Index from) {
      dx.values[static_cast<std::size_t>(plane * volume(input) + from)] +=
          dy.values[static_cast<std::size_t>(plane * volume(window.output) + to)] /
          divisors[static_cast<std::size_t>(to)];
    });
  return dx;
}

Array linear(const Array& x, const Array& weight, const Array& bias) {
  Array y(Shape{x.shape[0], weight.shape[0]});
  const std::size_t ins = static_cast<std::size_t>(weight.shape[1]);
  const std::size_t outs = static_cast<std::size_t>(weight.shape[0]);
  for (std::size_t i = 0; i < y.values.size(); ++i) {
    const std::size_t n = i / outs, o = i % outs;
    y.values[i] = bias.values.empty() ? 0.0 : bias.values[o];
    for (std::size_t f = 0; f < ins; ++f)
      y.values[i] += weight.values[o * ins + f] * x.values[n * ins + f];
  }
  return y;
}

Array linear_input_gradient(const Array& weight, const Array& dy) {
  Array dx(Shape{dy.shape[0], weight.shape[1]});
  const std::size_t ins = static_cast<std::size_t>(weight.shape[1]);
  const std::size_t outs = static_cast<std::size_t>(weight.shape[0]);
  for (std::size_t i = 0; i < dx.values.size(); ++i)
    for (std::size_t o = 0; o < outs; ++o)
      dx.values[i] += weight.values[o * ins + i % ins] * dy.values[i / ins * outs + o];
  return dx;
}

Array linear_weight_gradient(const Array& x, const Array& dy) {
  Array dw(Shape{dy.shape[1], x.shape[1]});
  const std::size_t ins = static_cast<std::size_t>(x.shape[1]);
  const std::size_t outs = static_cast<std::size_t>(dy.shape[1]);
  for (std::size_t i = 0; i < dw.values.size(); ++i)
    for (std::size_t n = 0; n < static_cast<std::size_t>(x.shape[0]); ++n)
      dw.values[i] += dy.values[n * outs + i / ins] * x.values[n * ins + i % ins];
  return dw;
}

Array relu(const Array& x) {
  Array y = x;
  for (double& value : y.values) value = value > 0 || std::isnan(value) ? value : 0;
  return y;
}

Array relu_gradient(const Array& x, const Array& dy) {
  Array dx = dy;
  for (std::size_t i = 0; i < dx.values.size(); ++i)
    if (x.values[i] <= 0) dx.values[i] = 0;
  return dx;
}

}  // namespace lucid::test
