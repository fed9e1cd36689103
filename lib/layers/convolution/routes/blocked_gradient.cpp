#include "layers/convolution/routes/blocked_gradient.h"

#include <algorithm>

#include "kernels/blocked_gradient/blocked_gradient.h"

namespace lucid {
namespace {

using onednn::Dims;
using onednn::Order;
using onednn::VectorSet;
using Tag = dnnl::memory::format_tag;

// Pays where oneDNN copies columns or its kernel is slow, and where rows are long.
constexpr double kCost = 0.6;

const blocked_gradient::Tiles& tiles(VectorSet vectors) {
  switch (vectors) {
    case VectorSet::kAvx512:
      return blocked_gradient::kAvx512;
    case VectorSet::kAvx2:
      return blocked_gradient::kAvx2;
    case VectorSet::kPortable:
      break;
  }
  return blocked_gradient::kPortable;
}

bool is_in(const Layout& layout, Order order) {
  return layout.get_size() > 0 && onednn::order_of(layout) == order;
}

// The order of oneDNN's y where that is blocked, since dy is likely to have it; else the machine's.
Order gradient_order(const Problem& p, const Machine& machine) {
  const auto order = machine.library->orders(p, Pass::kForward).y;
  const bool is_blocked = order == Order::kBlocked8 || order == Order::kBlocked16;
  return is_blocked ? *order : machine.blocks();
}

// Blocks where one of the layouts is blocked, plain order where x is in it, else blocks.
Order x_order(const Problem& p, Order blocks, const Layouts& given) {
  const bool has_blocks = is_in(given.x, blocks) || is_in(given.input, blocks);
  return !has_blocks && is_in(given.x, Order::kPlain) && !p.is_depthwise() ? Order::kPlain : blocks;
}

ConvGeometry geometry_of(const Problem& p, Order blocks, Order x_order) {
  ConvGeometry g;
  g.samples = p.samples;
  g.groups = p.groups;
  g.group_outputs = p.group_outputs;
  g.group_inputs = p.group_inputs;
  g.lanes = blocks == Order::kBlocked16 ? 16 : 8;
  g.input_lanes = x_order == Order::kPlain ? 1 : g.lanes;
  g.input = p.input;
  g.output = p.output;
  g.kernel = p.kernel;
  g.stride = p.stride;
  g.dilation = p.dilation;
  g.padding = p.pad_low;
  return g;
}

Verdict judge(const Problem& p, Pass pass, const Layouts& given, const Machine& machine) {
  if (pass != Pass::kWeightGradient) return impossible("computes weight gradients alone");
  if (p.is_transposed) return impossible("transposed");
  if (!p.is_float()) return impossible("not in float32");
  const Order blocks = gradient_order(p, machine);
  const ConvGeometry g = geometry_of(p, blocks, x_order(p, blocks, given));
  if (!BlockedWeightGradient::can_compute(g, tiles(machine.vectors)))
    return impossible("groups that do not fit blocks");
  const bool pays = p.output[2] >= machine.thresholds.blocked_gradient_row ||
                    !is_native(machine.library->quality(p, Pass::kWeightGradient));
  return {nullptr, pays ? kCost : kDoesNotPay};
}

// All channels of a tap are neighbours.
Layout depthwise_layout(const Dims& weights) {
  const std::int64_t row = weights[0] * weights[5], plane = row * weights[4];
  return {weights, onednn::kFloat, Dims{1, 1, 1, plane, row, weights[0]}};
}

// Blocks of input channels beside those of output channels; single ones where x is in plain order.
Layout weight_layout(const Dims& weights, const ConvGeometry& g) {
  if (g.is_depthwise()) return depthwise_layout(weights);
  const auto in = [&](Tag order) { return Layout(weights, onednn::kFloat, order); };
  const bool is_wide = g.lanes == 16, is_plain = g.input_lanes == 1;
  if (g.groups > 1 && is_plain) return in(is_wide ? Tag::aBdefc16b : Tag::aBdefc8b);
  if (g.groups > 1) return in(is_wide ? Tag::aBCdef16c16b : Tag::aBCdef8c8b);
  if (is_plain) return in(is_wide ? Tag::Acdeb16a : Tag::Acdeb8a);
  return in(is_wide ? Tag::ABcde16b16a : Tag::ABcde8b8a);
}

WeightStrides strides_of(const Layout& weights, const ConvGeometry& g) {
  const Dims steps = onednn::strides(weights);
  const std::size_t axis = steps.size() - 3;
  WeightStrides w;
  w.group = g.groups > 1 ? steps[0] : 0;
  w.output_block = g.is_depthwise() ? g.lanes : steps[axis - 2];
  w.input_block = steps[axis - 1];
  w.input = g.input_lanes == 1 ? steps[axis - 1] : g.lanes;
  w.tap = {steps[axis], steps[axis + 1], steps[axis + 2]};
  w.floats = static_cast<std::int64_t>(weights.get_size() / sizeof(float));
  return w;
}

Recorded record(PlanBuilder& b, const Problem& p, Pass, const Operands& operands) {
  return record_blocked_gradient(b, p, gradient_order(p, operands.machine), operands);
}

}  // namespace

Recorded record_blocked_gradient(PlanBuilder& b, const Problem& p, Order blocks,
                                 const Operands& operands) {
  const auto layout = [&](Value value) { return value ? b.layout(value) : Layout(); };
  const Order reads_x = x_order(p, blocks, {layout(operands.x), layout(operands.input)});
  const ConvGeometry g = geometry_of(p, blocks, reads_x);
  const blocked_gradient::Tiles& of_machine = tiles(operands.machine.vectors);
  const Layout dw = weight_layout(p.weight_extents(), g);
  BlockedWeightGradient kernel(g, strides_of(dw, g), operands.machine.threads, of_machine);
  const std::int64_t bias_floats = g.output_blocks() * g.lanes;
  const Value workspace =
      b.produce(onednn::plain_layout(Dims{kernel.workspace_floats() + bias_floats}));
  const Value x = in_order(b, operands.x, operands.input, blocks);
  Recorded recorded;
  recorded.dw = b.produce(dw);
  std::vector<Argument> arguments{
      reads(Slot::kX, b.in_layout(x, onednn::ordered_layout(p.x_extents(), reads_x))),
      reads(Slot::kDy, b.in_layout(operands.dy, onednn::ordered_layout(p.y_extents(), blocks))),
      writes(Slot::kDw, recorded.dw), writes(Slot::kWorkspace, workspace)};
  if (p.has_bias) arguments.push_back(writes(Slot::kDb, recorded.db = b.produce(p.bias_layout())));
  b.product_step(operands.step, std::string("lucid:blocked_gradient:") + of_machine.name,
                 std::move(arguments),
                 [kernel, bias_floats, outputs = p.outputs()](const StepArguments& step) mutable {
                   float* sums = step.out(Slot::kWorkspace);  // of whole blocks
                   float* db = step.maybe_out(Slot::kDb);
                   kernel.run(step.in(Slot::kX), step.in(Slot::kDy), step.out(Slot::kDw),
                              db != nullptr ? sums : nullptr, sums + bias_floats);
                   if (db != nullptr) std::copy_n(sums, outputs, db);
                 });
  return recorded;
}

const Route kBlockedGradientRoute{"blocked_gradient", judge, record};

}  // namespace lucid
