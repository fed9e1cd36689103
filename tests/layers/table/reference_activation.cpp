#include <cmath>
#include <numbers>

#include "layers/table/reference_layer.h"

namespace lucid::test {
namespace {

// A function of one number, with one constant, and its derivative.
struct Function {
  double (*value)(double x, double constant);
  double (*slope)(double x, double constant);
  bool has_kink = false;  // at 0
  bool is_curved = true;
};

ReferenceResult apply(const ReferenceCall& call, const Function& f, double constant = 0) {
  const Array& x = call.inputs[0];
  if (f.has_kink)
    for (const double value : x.values) call.state.pattern.push_back(value > 0 ? 1 : 0);
  call.state.is_curved = call.state.is_curved || f.is_curved;
  Array y = x;
  for (double& value : y.values) value = f.value(value, constant);
  return {std::move(y), [x, f, constant](const Array& dy) {
            Array dx = dy;
            for (std::size_t i = 0; i < dx.values.size(); ++i)
              dx.values[i] *= f.slope(x.values[i], constant);
            return std::vector{std::move(dx)};
          }};
}

double share_below(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }
double density(double x) { return std::exp(-x * x / 2) / std::sqrt(2 * std::numbers::pi); }
double logistic(double x) { return 1 / (1 + std::exp(-x)); }

const double kRoot = std::sqrt(2 / std::numbers::pi);
double bent(double x) { return std::tanh(kRoot * (x + 0.044715 * x * x * x)); }

const Function kLeakyRelu{[](double x, double slope) { return x > 0 ? x : slope * x; },
                          [](double x, double slope) { return x > 0 ? 1 : slope; }, true, false};
const Function kElu{[](double x, double alpha) { return x > 0 ? x : alpha * std::expm1(x); },
                    [](double x, double alpha) { return x > 0 ? 1 : alpha * std::exp(x); }, true};
const Function kGelu{[](double x, double) { return x * share_below(x); },
                     [](double x, double) { return share_below(x) + x * density(x); }};
const Function kGeluByTanh{[](double x, double) { return 0.5 * x * (1 + bent(x)); },
                           [](double x, double) {
                             const double inner = kRoot * (1 + 3 * 0.044715 * x * x);
                             return 0.5 * (1 + bent(x)) + 0.5 * x * (1 - bent(x) * bent(x)) * inner;
                           }};
const Function kSilu{
    [](double x, double) { return x * logistic(x); },
    [](double x, double) { return logistic(x) + x * logistic(x) * (1 - logistic(x)); }};
const Function kSigmoid{[](double x, double) { return logistic(x); },
                        [](double x, double) { return logistic(x) * (1 - logistic(x)); }};
const Function kTanh{[](double x, double) { return std::tanh(x); },
                     [](double x, double) { return 1 - std::tanh(x) * std::tanh(x); }};
const Function kScale{[](double x, double factor) { return factor * x; },
                      [](double, double factor) { return factor; }, false, false};

}  // namespace

ReferenceResult reference_relu(const ReferenceCall& call) {
  const Array& x = call.inputs[0];
  for (const double value : x.values) call.state.pattern.push_back(value > 0 ? 1 : 0);
  return {relu(x), [x](const Array& dy) { return std::vector{relu_gradient(x, dy)}; }};
}

ReferenceResult reference_leaky_relu(const ReferenceCall& call) {
  return apply(call, kLeakyRelu, call.layer.value("negative_slope", 0.01));
}

ReferenceResult reference_prelu(const ReferenceCall& call) {
  const Array& x = call.inputs[0];
  const auto slopes = call.layer.value("num_parameters", std::size_t{1});
  ReferenceParameter& weight =
      call.state.parameter(call.name + "/weight", {static_cast<Shape::Extent>(slopes)});
  const auto channels = static_cast<std::size_t>(x.shape[1]);
  const std::size_t voxels = x.values.size() / channels / static_cast<std::size_t>(x.shape[0]);
  const auto slope_of = [=](std::size_t i) { return slopes == 1 ? 0 : i / voxels % channels; };
  for (const double value : x.values) call.state.pattern.push_back(value > 0 ? 1 : 0);
  Array y = x;
  for (std::size_t i = 0; i < y.values.size(); ++i)
    if (!(y.values[i] > 0)) y.values[i] *= weight.value.values[slope_of(i)];
  return {std::move(y), [x, slope_of, &weight](const Array& dy) {
            Array dx = dy;
            weight.gradient = weight.value;
            weight.gradient.values.assign(weight.value.values.size(), 0);
            for (std::size_t i = 0; i < dx.values.size(); ++i) {
              if (x.values[i] > 0) continue;
              dx.values[i] *= weight.value.values[slope_of(i)];
              weight.gradient.values[slope_of(i)] += x.values[i] * dy.values[i];
            }
            return std::vector{std::move(dx)};
          }};
}

ReferenceResult reference_elu(const ReferenceCall& call) {
  return apply(call, kElu, call.layer.value("alpha", 1.0));
}

ReferenceResult reference_gelu(const ReferenceCall& call) {
  return apply(call, call.layer.value("approximate", "none") == "tanh" ? kGeluByTanh : kGelu);
}

ReferenceResult reference_silu(const ReferenceCall& call) { return apply(call, kSilu); }
ReferenceResult reference_sigmoid(const ReferenceCall& call) { return apply(call, kSigmoid); }
ReferenceResult reference_tanh(const ReferenceCall& call) { return apply(call, kTanh); }

ReferenceResult reference_scale(const ReferenceCall& call) {
  return apply(call, kScale, call.layer.at("factor").get<double>());
}

ReferenceResult reference_identity(const ReferenceCall& call) {
  return {call.inputs[0], [](const Array& dy) { return std::vector{dy}; }};
}

ReferenceResult reference_softmax(const ReferenceCall& call) {
  call.state.is_curved = true;
  Array y = call.inputs[0];
  const auto channels = static_cast<std::size_t>(y.shape[1]);
  const std::size_t voxels = y.values.size() / channels / static_cast<std::size_t>(y.shape[0]);
  // The sum over the channels of value i's voxel.
  const auto sum_at = [=](const std::vector<double>& values, std::size_t i) {
    const std::size_t first = i / (channels * voxels) * channels * voxels + i % voxels;
    double sum = 0;
    for (std::size_t c = 0; c < channels; ++c) sum += values[first + c * voxels];
    return sum;
  };
  std::vector<double> powers = y.values;
  for (double& power : powers) power = std::exp(power);
  for (std::size_t i = 0; i < powers.size(); ++i) y.values[i] = powers[i] / sum_at(powers, i);
  return {y, [y, sum_at](const Array& dy) {
            std::vector<double> products = dy.values;
            for (std::size_t i = 0; i < products.size(); ++i) products[i] *= y.values[i];
            Array dx = dy;
            for (std::size_t i = 0; i < products.size(); ++i)
              dx.values[i] = y.values[i] * (dy.values[i] - sum_at(products, i));
            return std::vector{std::move(dx)};
          }};
}

}  // namespace lucid::test
