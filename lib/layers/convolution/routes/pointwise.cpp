#include "layers/convolution/routes/pointwise.h"

#include "kernels/convolution/pointwise.h"
#include "layers/layer/channel_order.h"

namespace lucid {
namespace {

using onednn::Dims;

constexpr const char* kImplementation = "lucid:pointwise";

// Twice as fast as oneDNN for 2 to 8 outputs of 16 to 96 channels, as it computes no empty lanes.
constexpr double kCost = 0.2;

Pointwise geometry_of(const Problem& p, const Layout& input) {
  const Shape shape = onednn::shape_of(input);
  const auto order = onednn::order_of(input);
  return {groups_of(shape, order.value_or(onednn::Order::kPlain)), shape[2] * shape[3] * shape[4],
          p.outputs()};
}

const char* why_not(const Problem& p, const Layout& input) {
  if (p.is_transposed || p.taps() != 1 || p.groups != 1 || p.is_strided() ||
      p.pad_low != Triple{} || p.pad_high != Triple{})
    return "no 1x1x1 kernel of stride 1 without padding";
  if (p.origin != Origin::kLayer) return "not a layer as it is";
  if (p.outputs() > Pointwise::kMostOutputs) return "more than 8 output channels";
  if (!p.is_float()) return "not in float32";
  if (p.relu_slope) return "a ReLU follows";
  const bool is_ordered = input && onednn::order_of(input).has_value();
  if (!is_ordered || onednn::data_type(input) != onednn::kFloat) return "the input's layout";
  const Pointwise geometry = geometry_of(p, input);
  if (geometry.x.lanes == 1 || geometry.inputs() != p.inputs())
    return "input channels that fill no blocks";
  return nullptr;
}

Verdict judge(const Problem& p, Pass, const Layouts& given, const Machine&) {
  if (const char* reason = why_not(p, given.input)) return impossible(reason);
  return {nullptr, kCost, onednn::order_of(given.input)};
}

Recorded record_forward(PlanBuilder& b, const Problem& p, const Operands& operands) {
  Recorded recorded;
  recorded.x = operands.input;
  recorded.y = b.produce(onednn::plain_layout(p.y_extents()));
  const Value weight = operands.weight(onednn::plain_layout(p.weight_extents()));
  std::vector<Argument> arguments{reads(Slot::kX, recorded.x), reads(Slot::kWeight, weight),
                                  writes(Slot::kY, recorded.y)};
  if (const Value bias = bias_of(b, p)) arguments.push_back(reads(Slot::kBias, bias));
  b.product_step(operands.step, kImplementation, std::move(arguments),
                 [g = geometry_of(p, b.layout(operands.input))](const StepArguments& step) {
                   pointwise_forward(g, step.in(Slot::kX), step.in(Slot::kWeight),
                                     step.maybe(Slot::kBias), step.out(Slot::kY));
                 });
  return recorded;
}

Recorded record_weight_gradient(PlanBuilder& b, const Problem& p, const Operands& operands) {
  const Pointwise g = geometry_of(p, b.layout(operands.input));
  Recorded recorded;
  recorded.dw = b.produce(onednn::plain_layout(p.weight_extents()));
  const Value dy = b.in_layout(operands.dy, onednn::plain_layout(p.y_extents()));
  const Value sums = b.produce(onednn::plain_layout(Dims{g.partial_sums()}));
  std::vector<Argument> arguments{reads(Slot::kX, operands.input), reads(Slot::kDy, dy),
                                  writes(Slot::kWorkspace, sums), writes(Slot::kDw, recorded.dw)};
  if (p.has_bias) arguments.push_back(writes(Slot::kDb, recorded.db = b.produce(p.bias_layout())));
  b.product_step(operands.step, kImplementation, std::move(arguments),
                 [g](const StepArguments& step) {
                   pointwise_weight_gradient(g, step.in(Slot::kX), step.in(Slot::kDy),
                                             step.out(Slot::kWorkspace), step.out(Slot::kDw),
                                             step.maybe_out(Slot::kDb));
                 });
  return recorded;
}

Recorded record_input_gradient(PlanBuilder& b, const Problem& p, const Operands& operands) {
  const Layout input = b.layout(operands.input);
  Recorded recorded;
  recorded.dx = b.produce(input);
  const Value dy = b.in_layout(operands.dy, onednn::plain_layout(p.y_extents()));
  const Value weight = operands.weight(onednn::plain_layout(p.weight_extents()));
  b.product_step(
      operands.step, kImplementation,
      {reads(Slot::kDy, dy), reads(Slot::kWeight, weight), writes(Slot::kDx, recorded.dx)},
      [g = geometry_of(p, input)](const StepArguments& step) {
        pointwise_input_gradient(g, step.in(Slot::kDy), step.in(Slot::kWeight),
                                 step.out(Slot::kDx));
      });
  return recorded;
}

}  // namespace

const Route kPointwiseRoute{
    "pointwise", judge,
    record_by_pass<record_forward, record_weight_gradient, record_input_gradient>};

}  // namespace lucid
