#include "layers/convolution/routes/small_channel.h"

#include <algorithm>

#include "kernels/small_channel/convolution.h"
#include "kernels/small_channel/gradient.h"

namespace lucid {
namespace {

using onednn::Dims;
using onednn::Order;
using onednn::VectorSet;

constexpr const char* kImplementation = "lucid:small_channel";

// Few channels leave half of oneDNN's vectors empty.
constexpr double kCost = 0.5;
// Weight gradients: cheapest of all where the vectors are filled or rows are long, dearer than
// Winograd's where neither holds and oneDNN's code is slow.
constexpr double kFilledCost = 0.3, kUnfilledCost = 0.5;

const small_channel::Tile* tiles(const Machine& machine) {
  return machine.has_wide_vectors() ? small_channel::kAvx512 : small_channel::kAvx2;
}

const small_channel::GradientTile* gradient_tiles(const Machine& machine) {
  return machine.has_wide_vectors() ? small_channel::kGradientAvx512 : small_channel::kGradientAvx2;
}

SmallChannelGeometry geometry_of(const Problem& p, const Machine& machine) {
  SmallChannelGeometry g;
  g.lanes = machine.lanes();
  g.samples = p.samples;
  g.inputs = p.inputs();
  g.outputs = p.outputs();
  g.input = p.input;
  g.output = p.output;
  g.kernel = p.kernel;
  g.padding = p.pad_low;
  return g;
}

// The geometry of the convolution that computes the input gradient.
SmallChannelGeometry reversed(const SmallChannelGeometry& g) {
  SmallChannelGeometry back = g;
  std::swap(back.inputs, back.outputs);
  std::swap(back.input, back.output);
  for (std::size_t i = 0; i < 3; ++i) back.padding[i] = g.kernel[i] - 1 - g.padding[i];
  return back;
}

SmallChannelGeometry geometry_of(const Problem& p, Pass pass, const Machine& machine) {
  const SmallChannelGeometry geometry = geometry_of(p, machine);
  return pass == Pass::kInputGradient ? reversed(geometry) : geometry;
}

const char* why_not(const Problem& p, Pass pass, const Machine& machine) {
  if (p.is_transposed || p.groups != 1 || p.is_strided() || p.is_dilated())
    return "grouped, strided or dilated";
  if (machine.vectors == VectorSet::kPortable) return "no AVX2";
  if (!p.is_float()) return "not in float32";
  const SmallChannelGeometry g = geometry_of(p, pass, machine);
  if (std::ranges::any_of(g.padding, [](std::int64_t padding) { return padding < 0; }))
    return "padding beyond the kernel";
  const bool can_compute = pass == Pass::kWeightGradient
                               ? SmallChannelWeightGradient::can_compute(g, gradient_tiles(machine))
                               : SmallChannelConvolution::can_compute(g, tiles(machine));
  return can_compute ? nullptr : "no tile of this shape";
}

bool is_few(std::int64_t channels, const SmallChannelGeometry& g) {
  return 2 * channels <= g.lanes;
}

// oneDNN's forward kernel for AVX2 reaches half of what its others do where one vector holds all
// outputs.
bool leaves_room(const SmallChannelGeometry& g, Pass pass, const Machine& machine) {
  const bool has_one_vector = !machine.has_wide_vectors() && g.outputs <= g.lanes;
  const bool reads_few =
      pass == Pass::kForward && g.inputs <= machine.thresholds.small_channel_inputs;
  return is_few(g.inputs, g) || is_few(g.outputs, g) || has_one_vector || reads_few;
}

bool is_plain(const Layout& layout) { return onednn::order_of(layout) == Order::kPlain; }

// The layout of those two that a weight gradient reads: blocks where one is blocked.
const Layout& read_layout(const Layouts& given, Order blocks) {
  const bool is_input_blocked =
      given.input.get_size() > 0 && onednn::order_of(given.input) == blocks;
  return onednn::order_of(given.x) != blocks && is_input_blocked ? given.input : given.x;
}

double weight_gradient_cost(const Problem& p, const SmallChannelGeometry& g, const Layouts& given,
                            const Machine& machine) {
  const bool reads_plain = is_few(g.inputs, g) && is_plain(read_layout(given, machine.blocks()));
  const bool fills_vectors = g.group() > 1 && !reads_plain;
  if (fills_vectors || p.output[2] >= machine.thresholds.small_channel_row) return kFilledCost;
  return is_native(machine.library->quality(p, Pass::kWeightGradient)) ? kDoesNotPay
                                                                       : kUnfilledCost;
}

Verdict judge(const Problem& p, Pass pass, const Layouts& given, const Machine& machine) {
  if (const char* reason = why_not(p, pass, machine)) return impossible(reason);
  const SmallChannelGeometry g = geometry_of(p, pass, machine);
  Verdict verdict{nullptr, kDoesNotPay, machine.blocks()};
  if (!leaves_room(g, pass, machine)) return verdict;
  // oneDNN reads few channels in plain order as they are, without a reorder.
  const bool is_read_as_it_is =
      pass == Pass::kForward && is_few(g.inputs, g) && is_plain(given.input);
  if (pass == Pass::kWeightGradient)
    verdict.cost = weight_gradient_cost(p, g, given, machine);
  else if (!is_read_as_it_is)
    verdict.cost = kCost;
  return verdict;
}

Layout blocked(const Dims& extents, const Operands& operands) {
  return onednn::ordered_layout(extents, operands.machine.blocks());
}

Value packed(PlanBuilder& b, const Problem& p, const Operands& operands,
             const SmallChannelConvolution& kernel, const SmallChannelGeometry& g, Pass pass) {
  return b.made_of_parameters(
      "weights of groups", operands.weight(onednn::plain_layout(p.weight_extents())),
      onednn::plain_layout(Dims{g.weight_floats()}), [kernel, pass](const StepArguments& step) {
        if (pass == Pass::kForward)
          kernel.pack(step.in(Slot::kX), step.out(Slot::kY));
        else
          kernel.pack_reversed(step.in(Slot::kX), step.out(Slot::kY));
      });
}

Recorded record_forward(PlanBuilder& b, const Problem& p, const Operands& operands) {
  const SmallChannelGeometry g = geometry_of(p, operands.machine);
  const SmallChannelConvolution kernel(g, tiles(operands.machine));
  const Value weight = packed(b, p, operands, kernel, g, Pass::kForward);
  Recorded recorded;
  recorded.x = b.in_layout(operands.x, blocked(p.x_extents(), operands));
  recorded.y = b.produce(blocked(p.y_extents(), operands));
  std::vector<Argument> arguments{reads(Slot::kX, recorded.x), reads(Slot::kWeight, weight),
                                  writes(Slot::kY, recorded.y)};
  if (const Value bias = bias_of(b, p)) arguments.push_back(reads(Slot::kBias, bias));
  b.product_step(operands.step, kImplementation, std::move(arguments),
                 [kernel, slope = epilogue_slope(p)](const StepArguments& step) {
                   kernel.run(step.in(Slot::kX), step.in(Slot::kWeight), step.maybe(Slot::kBias),
                              slope, step.out(Slot::kY));
                 });
  return recorded;
}

Recorded record_input_gradient(PlanBuilder& b, const Problem& p, const Operands& operands) {
  const SmallChannelGeometry g = geometry_of(p, Pass::kInputGradient, operands.machine);
  const SmallChannelConvolution kernel(g, tiles(operands.machine));
  const Value weight = packed(b, p, operands, kernel, g, Pass::kInputGradient);
  Recorded recorded;
  recorded.dx = b.produce(blocked(p.x_extents(), operands));
  b.product_step(operands.step, kImplementation,
                 {reads(Slot::kDy, b.in_layout(operands.dy, blocked(p.y_extents(), operands))),
                  reads(Slot::kWeight, weight), writes(Slot::kDx, recorded.dx)},
                 [kernel](const StepArguments& step) {
                   kernel.run(step.in(Slot::kDy), step.in(Slot::kWeight), nullptr, 1,
                              step.out(Slot::kDx));
                 });
  return recorded;
}

Recorded record_weight_gradient(PlanBuilder& b, const Problem& p, const Operands& operands) {
  const SmallChannelGeometry g = geometry_of(p, operands.machine);
  const Value given = in_order(b, operands.x, operands.input, operands.machine.blocks());
  const bool reads_plain = is_few(g.inputs, g) && is_plain(b.layout(given));
  SmallChannelWeightGradient kernel(g, reads_plain, operands.machine.threads,
                                    gradient_tiles(operands.machine));
  const Layout x_layout = onednn::ordered_layout(
      p.x_extents(), reads_plain ? Order::kPlain : operands.machine.blocks());
  Recorded recorded;
  recorded.dw = b.produce(onednn::plain_layout(p.weight_extents()));
  const Value workspace = b.produce(onednn::plain_layout(Dims{kernel.workspace_floats()}));
  std::vector<Argument> arguments{
      reads(Slot::kX, b.in_layout(given, x_layout)),
      reads(Slot::kDy, b.in_layout(operands.dy, blocked(p.y_extents(), operands))),
      writes(Slot::kDw, recorded.dw), writes(Slot::kWorkspace, workspace)};
  if (p.has_bias) arguments.push_back(writes(Slot::kDb, recorded.db = b.produce(p.bias_layout())));
  b.product_step(operands.step, kImplementation, std::move(arguments),
                 [kernel](const StepArguments& step) mutable {
                   kernel.run(step.in(Slot::kX), step.in(Slot::kDy), step.out(Slot::kDw),
                              step.maybe_out(Slot::kDb), step.out(Slot::kWorkspace));
                 });
  return recorded;
}

}  // namespace

const Route kSmallChannelRoute{
    "small_channel", judge,
    record_by_pass<record_forward, record_weight_gradient, record_input_gradient>};

}  // namespace lucid
