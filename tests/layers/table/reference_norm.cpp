#include "support/reference_norm.h"

#include "layers/table/reference_layer.h"

namespace lucid::test {
namespace {

using Extent = Shape::Extent;

// The affine end of a normalization, and the way back from it.
struct Affine {
  ReferenceParameter *weight = nullptr, *bias = nullptr;

  Array forward(const Array& y) const {
    return weight == nullptr ? y : channel_affine(y, weight->value, bias->value);
  }
  Array backward(const Array& y, const Array& dy) const {
    if (weight == nullptr) return dy;
    weight->gradient = bias_gradient(product(dy, y));
    bias->gradient = bias_gradient(dy);
    return channel_affine(dy, weight->value, {});
  }
};

Affine affine_of(const ReferenceCall& call, bool by_default) {
  if (!call.layer.value("affine", by_default)) return {};
  const Extent channels = call.inputs[0].shape[1];
  Affine affine;
  affine.weight = &call.state.parameter(call.name + "/weight", {channels});
  affine.bias = &call.state.parameter(call.name + "/bias", {channels});
  return affine;
}

double eps_of(const ReferenceCall& call) { return call.layer.value("eps", 1e-5); }

// Through statistics of the input itself.
ReferenceResult measured(const ReferenceCall& call, const SharedStatistics& shared,
                         const Affine& affine) {
  call.state.is_curved = true;
  const Array& x = call.inputs[0];
  const double eps = eps_of(call);
  const Moments m = moments(x, shared);
  const Array y = normalized(x, shared, m, eps);
  return {affine.forward(y), [=](const Array& dy) {
            return std::vector{normalized_gradient(x, shared, m, eps, affine.backward(y, dy))};
          }};
}

void follow(ReferenceBuffer& running, double momentum, const std::vector<double>& found,
            double factor) {
  for (std::size_t c = 0; c < found.size(); ++c)
    running.updated.values[c] =
        (1 - momentum) * running.value.values[c] + momentum * factor * found[c];
}

ReferenceResult dropped(const ReferenceCall& call, Dropped what) {
  call.state.depends_on_mode = true;
  const Array& x = call.inputs[0];
  if (call.state.mode == Mode::kInfer) return {x, {}};
  const Array factors = dropout_factors(x.shape, what, call.layer.value("p", 0.5), 0, 0, call.name);
  return {product(x, factors),
          [factors](const Array& dy) { return std::vector{product(dy, factors)}; }};
}

}  // namespace

ReferenceResult reference_batch_norm(const ReferenceCall& call) {
  call.state.depends_on_mode = true;
  const Array& x = call.inputs[0];
  const Affine affine = affine_of(call, true);
  const double momentum = call.layer.value("momentum", 0.1);
  ReferenceBuffer& mean = call.state.buffer(call.name + "/running_mean", x.shape[1], 0, 1);
  ReferenceBuffer& variance = call.state.buffer(call.name + "/running_var", x.shape[1], 1, 0.5);
  const SharedStatistics shared{static_cast<std::size_t>(x.shape[0]), 1};
  if (call.state.mode == Mode::kInfer) {
    const Moments running{mean.value.values, variance.value.values, 0};
    return {affine.forward(normalized(x, shared, running, eps_of(call))), {}};
  }
  const Moments m = moments(x, shared);
  follow(mean, momentum, m.mean, 1);
  follow(variance, momentum, m.variance, m.count / (m.count - 1));
  return measured(call, shared, affine);
}

ReferenceResult reference_group_norm(const ReferenceCall& call) {
  const auto groups = call.layer.at("num_groups").get<Extent>();
  const auto channels = static_cast<std::size_t>(call.inputs[0].shape[1] / groups);
  return measured(call, {1, channels}, affine_of(call, true));
}

ReferenceResult reference_instance_norm(const ReferenceCall& call) {
  return measured(call, {1, 1}, affine_of(call, false));
}

ReferenceResult reference_dropout(const ReferenceCall& call) {
  return dropped(call, Dropped::kValues);
}

ReferenceResult reference_dropout3d(const ReferenceCall& call) {
  return dropped(call, Dropped::kChannels);
}

}  // namespace lucid::test
