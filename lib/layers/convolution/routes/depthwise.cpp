#include "layers/convolution/routes/depthwise.h"

#include <algorithm>

#include "kernels/depthwise/depthwise.h"
#include "layers/convolution/routes/blocked_gradient.h"

namespace lucid {
namespace {

using onednn::Dims;

// oneDNN's products take 5 to 20 times as long for 16 to 64 channels.
constexpr double kCost = 0.1;

DepthwiseGeometry geometry_of(const Problem& p, const Machine& machine) {
  DepthwiseGeometry g;
  g.lanes = machine.lanes();
  g.samples = p.samples;
  g.blocks = (p.outputs() + g.lanes - 1) / g.lanes;
  g.input = p.input;
  g.output = p.output;
  g.kernel = p.kernel;
  g.stride = p.stride;
  g.dilation = p.dilation;
  g.padding = p.pad_low;
  return g;
}

// The same with as many channels as whole blocks have.
Problem in_whole_blocks(const Problem& p, const DepthwiseGeometry& g) {
  Problem whole = p;
  whole.groups = g.channels();
  return whole;
}

// (channel, tap) to (tap, channel of whole blocks).
void pack(const DepthwiseGeometry& g, std::int64_t channels, const float* plain, float* packed) {
  std::fill_n(packed, g.taps() * g.channels(), 0.F);
  for (std::int64_t channel = 0; channel < channels; ++channel)
    for (std::int64_t tap = 0; tap < g.taps(); ++tap)
      packed[tap * g.channels() + channel] = plain[channel * g.taps() + tap];
}

void unpack(const DepthwiseGeometry& g, std::int64_t channels, const float* packed, float* plain) {
  for (std::int64_t channel = 0; channel < channels; ++channel)
    for (std::int64_t tap = 0; tap < g.taps(); ++tap)
      plain[channel * g.taps() + tap] = packed[tap * g.channels() + channel];
}

Verdict judge(const Problem& p, Pass, const Layouts&, const Machine& machine) {
  if (p.is_transposed || !p.is_depthwise()) return impossible("groups of more than one channel");
  if (p.origin != Origin::kLayer) return impossible("not a layer as it is");
  if (!p.is_float()) return impossible("not in float32");
  return {nullptr, kCost, machine.blocks()};
}

Value packed_weight(PlanBuilder& b, const Problem& p, const DepthwiseGeometry& g,
                    const Operands& operands) {
  return b.made_of_parameters("weights by taps",
                              operands.weight(onednn::plain_layout(p.weight_extents())),
                              onednn::plain_layout(Dims{g.taps(), g.channels()}),
                              [g, channels = p.outputs()](const StepArguments& step) {
                                pack(g, channels, step.in(Slot::kX), step.out(Slot::kY));
                              });
}

Recorded record_forward(PlanBuilder& b, const Problem& p, const Operands& operands) {
  const DepthwiseGeometry g = geometry_of(p, operands.machine);
  const onednn::Order order = operands.machine.blocks();
  Recorded recorded;
  recorded.x = b.in_layout(operands.x, onednn::ordered_layout(p.x_extents(), order));
  recorded.y = b.produce(onednn::ordered_layout(p.y_extents(), order));
  const Value padded_bias = b.produce(onednn::plain_layout(Dims{g.channels()}));
  std::vector<Argument> arguments{
      reads(Slot::kX, recorded.x), reads(Slot::kWeight, packed_weight(b, p, g, operands)),
      writes(Slot::kY, recorded.y), writes(Slot::kPaddedBias, padded_bias)};
  if (const Value bias = bias_of(b, p)) arguments.push_back(reads(Slot::kBias, bias));
  b.product_step(operands.step, "lucid:depthwise", std::move(arguments),
                 [g, channels = p.outputs(), slope = epilogue_slope(p)](const StepArguments& step) {
                   float* bias = step.out(Slot::kPaddedBias);
                   std::fill_n(bias, g.channels(), 0.F);
                   if (const float* given = step.maybe(Slot::kBias))
                     std::copy_n(given, channels, bias);
                   depthwise_forward(g, step.in(Slot::kX), step.in(Slot::kWeight), bias, slope,
                                     step.out(Slot::kY));
                 });
  return recorded;
}

// The kernel for blocked channels sums gradients of whole blocks; those of the layer's channels are
// copied out of them.
Recorded record_weight_gradient(PlanBuilder& b, const Problem& p, const Operands& operands) {
  const DepthwiseGeometry g = geometry_of(p, operands.machine);
  const onednn::Order order = operands.machine.blocks();
  const Problem whole = in_whole_blocks(p, g);
  const auto blocked = [&](const Dims& extents) { return onednn::ordered_layout(extents, order); };
  const Value x = in_order(b, operands.x, operands.input, order);
  const Value whole_x = b.view(b.in_layout(x, blocked(p.x_extents())), blocked(whole.x_extents()));
  const Value whole_dy =
      b.view(b.in_layout(operands.dy, blocked(p.y_extents())), blocked(whole.y_extents()));
  Operands of_whole = operands;
  of_whole.x = whole_x;
  of_whole.input = {};
  of_whole.dy = whole_dy;
  const Recorded of_blocks = record_blocked_gradient(b, whole, order, of_whole);
  Recorded recorded;
  recorded.dw = b.produce(onednn::plain_layout(p.weight_extents()));
  std::vector<Argument> arguments{reads(Slot::kX, of_blocks.dw), writes(Slot::kDw, recorded.dw)};
  if (of_blocks.db) {
    recorded.db = b.produce(p.bias_layout());
    arguments.push_back(reads(Slot::kPaddedBias, of_blocks.db));
    arguments.push_back(writes(Slot::kDb, recorded.db));
  }
  b.host_step("gradient of weights by taps", "lucid", std::move(arguments),
              [g, channels = p.outputs()](const StepArguments& step) {
                unpack(g, channels, step.in(Slot::kX), step.out(Slot::kDw));
                if (const float* sums = step.maybe(Slot::kPaddedBias))
                  std::copy_n(sums, channels, step.out(Slot::kDb));
              });
  return recorded;
}

Recorded record_input_gradient(PlanBuilder& b, const Problem& p, const Operands& operands) {
  const DepthwiseGeometry g = geometry_of(p, operands.machine);
  const onednn::Order order = operands.machine.blocks();
  Recorded recorded;
  recorded.dx = b.produce(onednn::ordered_layout(p.x_extents(), order));
  const Value workspace = b.produce(onednn::plain_layout(Dims{g.taps() * g.channels()}));
  const Value dy = b.in_layout(operands.dy, onednn::ordered_layout(p.y_extents(), order));
  b.product_step(operands.step, "lucid:depthwise",
                 {reads(Slot::kDy, dy), reads(Slot::kWeight, packed_weight(b, p, g, operands)),
                  writes(Slot::kDx, recorded.dx), writes(Slot::kWorkspace, workspace)},
                 [g](const StepArguments& step) {
                   depthwise_input_gradient(g, step.in(Slot::kDy), step.in(Slot::kWeight),
                                            step.out(Slot::kDx), step.out(Slot::kWorkspace));
                 });
  return recorded;
}

}  // namespace

const Route kDepthwiseRoute{
    "depthwise", judge,
    record_by_pass<record_forward, record_weight_gradient, record_input_gradient>};

}  // namespace lucid
