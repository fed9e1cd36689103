#include "layers/convolution/pointwise.h"

#include "layers/layer/channel_order.h"

namespace lucid {
namespace {

using onednn::Dims;

constexpr const char* kName = "lucid:pointwise";

bool is_pointwise(const Convolution& c) {
  const Dims ones{1, 1, 1}, none{0, 0, 0}, weights = onednn::extents(c.weights);
  return weights.size() == 5 && Dims(weights.begin() + 2, weights.end()) == ones &&
         c.stride == ones && c.pad_low == none && c.pad_high == none;
}

}  // namespace

std::optional<PointwiseConvolution> PointwiseConvolution::choose(PlanBuilder& b,
                                                                 const Convolution& c) {
  if (!is_pointwise(c) || onednn::extents(c.dst)[1] > Pointwise::kMostOutputs ||
      onednn::data_type(c.src) != onednn::kFloat || onednn::data_type(c.dst) != onednn::kFloat ||
      b.relu_follows() || b.convolution_route() != ConvolutionRoute::kBest ||
      b.weight_gradient_route() != WeightGradientRoute::kBest)
    return std::nullopt;
  const Layout& input = b.layout(b.input());
  const auto order = onednn::order_of(input);
  const Shape shape = onednn::shape_of(input);
  if (!order || onednn::data_type(input) != onednn::kFloat) return std::nullopt;
  PointwiseConvolution found;
  found.p_ = {groups_of(shape, *order), shape[2] * shape[3] * shape[4], onednn::extents(c.dst)[1]};
  if (found.p_.x.lanes == 1 || found.p_.inputs() != shape[1]) return std::nullopt;
  found.src_ = input;
  found.dst_ = onednn::plain_layout(onednn::extents(c.dst));
  found.weights_ = onednn::plain_layout(onednn::extents(c.weights));
  found.bias_ = c.bias;
  return found;
}

Backward PointwiseConvolution::compile(PlanBuilder& b) const {
  forward(b);
  if (!b.training()) return {};
  return [*this](PlanBuilder& back) {
    const Value dy = back.output_gradient(dst_);
    if (needs_weight_gradient(back, bias_)) weight_gradient(back, back.input(), dy);
    if (back.needs_input_gradient()) input_gradient(back, dy);
  };
}

void PointwiseConvolution::forward(PlanBuilder& b) const {
  const Value y = b.produce(dst_);
  std::vector<Argument> arguments{{DNNL_ARG_SRC, b.input()},
                                  {DNNL_ARG_WEIGHTS, b.parameter("weight", weights_)},
                                  {DNNL_ARG_DST, y}};
  if (has_bias(bias_)) arguments.push_back({DNNL_ARG_BIAS, b.parameter("bias", bias_)});
  b.product_step(b.with_followers("convolution"), kName, std::move(arguments),
                 [p = p_](std::span<void* const> storage) {
                   const auto at = [&](std::size_t i) { return static_cast<float*>(storage[i]); };
                   pointwise_forward(p, at(0), at(1), storage.size() > 3 ? at(3) : nullptr, at(2));
                 });
  b.set_output(y);
}

void PointwiseConvolution::weight_gradient(PlanBuilder& b, Value x, Value dy) const {
  const Value dw = b.produce(weights_);
  const Value sums = b.produce(onednn::plain_layout(Dims{p_.partial_sums()}));
  std::vector<Argument> arguments{{DNNL_ARG_SRC, x},
                                  {DNNL_ARG_DIFF_DST, dy},
                                  {DNNL_ARG_WORKSPACE, sums},
                                  {DNNL_ARG_DIFF_WEIGHTS, dw}};
  Value db;
  if (has_bias(bias_)) arguments.push_back({DNNL_ARG_DIFF_BIAS, db = b.produce(bias_)});
  b.product_step("convolution weight gradient", kName, std::move(arguments),
                 [p = p_](std::span<void* const> storage) {
                   const auto at = [&](std::size_t i) { return static_cast<float*>(storage[i]); };
                   pointwise_weight_gradient(p, at(0), at(1), at(2), at(3),
                                             storage.size() > 4 ? at(4) : nullptr);
                 });
  b.set_parameter_gradient("weight", dw);
  if (db) b.set_parameter_gradient("bias", db);
}

void PointwiseConvolution::input_gradient(PlanBuilder& b, Value dy) const {
  const Value dx = b.produce(src_);
  b.product_step("convolution input gradient", kName,
                 {{DNNL_ARG_DIFF_DST, dy},
                  {DNNL_ARG_WEIGHTS, b.parameter("weight", weights_)},
                  {DNNL_ARG_DIFF_SRC, dx}},
                 [p = p_](std::span<void* const> storage) {
                   const auto at = [&](std::size_t i) { return static_cast<float*>(storage[i]); };
                   pointwise_input_gradient(p, at(0), at(1), at(2));
                 });
  b.set_input_gradient(dx);
}

}  // namespace lucid
