#include "layers/convolution/routes/first_layer.h"

#include "kernels/convolution/first_layer.h"

namespace lucid {
namespace {

using onednn::Dims;
using onednn::Order;

constexpr const char* kImplementation = "lucid:first_layer";

// A quarter of the products: before every other route where it pays.
constexpr double kCost = 0.25;

// What the transforms of one output and of the four phases that it reads take, in products. It was
// about the same of kernels of 3 to 6 voxels with stride 2, 1 to 8, 16 or 32, on a Zen 4.
constexpr double kTransformProducts = 30;

FirstLayer layer_of(const Problem& p, const Machine& machine) {
  FirstLayer layer;
  layer.lanes = machine.lanes();
  layer.samples = p.samples;
  layer.inputs = p.inputs();
  layer.outputs = p.outputs();
  layer.input = p.input;
  layer.output = p.output;
  layer.padding = p.pad_low;
  layer.kernel = p.kernel;
  layer.stride = p.stride;
  return layer;
}

const char* why_not(const Problem& p, Pass pass, const Machine& machine) {
  if (pass == Pass::kInputGradient) return "computes no input gradients";
  if (p.is_transposed || p.groups != 1 || p.is_dilated()) return "grouped, transposed or dilated";
  if (machine.vectors == onednn::VectorSet::kPortable) return "no AVX2";
  if (!p.is_float()) return "not in float32";
  for (std::size_t i = 0; i < 3; ++i)
    if (p.pad_low[i] >= p.kernel[i]) return "padding beyond the kernel";
  if (!layer_of(p, machine).is_possible()) return "channels, kernel or stride too large";
  return nullptr;
}

bool is_plain(const Layout& layout) {
  return layout.get_size() > 0 && onednn::order_of(layout) == Order::kPlain;
}

bool pays_strided(const FirstLayer& layer, const Thresholds& thresholds) {
  const auto direct = static_cast<double>(layer.inputs * layer.kernel_rows() * layer.kernel[2]);
  return layer.share_of_products() + kTransformProducts / direct <= thresholds.first_layer_strided;
}

bool pays(const Problem& p, Pass pass, const Layouts& given, const Machine& machine) {
  constexpr std::int64_t kSide = 4;
  const Thresholds& thresholds = machine.thresholds;
  if (!is_plain(given.input) && !is_plain(given.x)) return false;
  if (p.is_strided()) return pays_strided(layer_of(p, machine), thresholds);
  const std::int64_t fewest =
      pass == Pass::kForward ? thresholds.first_layer_row : thresholds.first_layer_gradient_row;
  double waste = 1;
  for (std::size_t axis = 0; axis < 2; ++axis)
    waste *= static_cast<double>((p.output[axis] + kSide - 1) / kSide * kSide) /
             static_cast<double>(p.output[axis]);
  return p.inputs() * p.output[2] >= fewest && waste <= thresholds.first_layer_waste;
}

Verdict judge(const Problem& p, Pass pass, const Layouts& given, const Machine& machine) {
  if (const char* reason = why_not(p, pass, machine)) return impossible(reason);
  return {nullptr, pays(p, pass, given, machine) ? kCost : kDoesNotPay, Order::kPlain};
}

Layout plain_x(const Problem& p) { return onednn::ordered_layout(p.x_extents(), Order::kPlain); }

Layout blocked_y(const Problem& p, const Operands& operands) {
  return onednn::ordered_layout(p.y_extents(), operands.machine.blocks());
}

Recorded record_forward(PlanBuilder& b, const Problem& p, const Operands& operands) {
  FirstLayer layer = layer_of(p, operands.machine);
  const Value weight = b.made_of_parameters(
      "transformed weights", operands.weight(onednn::plain_layout(p.weight_extents())),
      onednn::plain_layout(Dims{layer.weight_floats()}), [layer](const StepArguments& step) {
        transform_first_layer(layer, step.in(Slot::kX), step.out(Slot::kY));
      });
  const int threads = operands.machine.threads;
  Recorded recorded;
  recorded.x = b.in_layout(operands.x, plain_x(p));
  recorded.pool = take_pool(b, p, blocked_y(p, operands));
  const bool is_pooled = recorded.pool.has_value();
  if (is_pooled) layer.output = recorded.pool->even_output();
  recorded.y = b.produce(is_pooled ? recorded.pool->pooling.out : blocked_y(p, operands));
  const Value workspace = b.produce(onednn::plain_layout(Dims{threads * layer.thread_floats()}));
  std::vector<Argument> arguments{reads(Slot::kX, recorded.x), reads(Slot::kWeight, weight),
                                  writes(Slot::kY, recorded.y),
                                  writes(Slot::kWorkspace, workspace)};
  if (const Value bias = bias_of(b, p)) arguments.push_back(reads(Slot::kBias, bias));
  add_index(recorded.pool, arguments);
  b.product_step(step_name(operands.step, recorded.pool), kImplementation, std::move(arguments),
                 [layer, threads, is_pooled, slope = epilogue_slope(p)](const StepArguments& step) {
                   const float *const x = step.in(Slot::kX), *const w = step.in(Slot::kWeight);
                   const float* const bias = step.maybe(Slot::kBias);
                   float *const y = step.out(Slot::kY), *const own = step.out(Slot::kWorkspace);
                   if (is_pooled)
                     first_layer_pooled(layer, threads, x, w, bias, slope, y,
                                        step.maybe_out<std::uint8_t>(Slot::kIndices), own);
                   else
                     first_layer_forward(layer, threads, x, w, bias, slope, y, own);
                 });
  return recorded;
}

Recorded record_weight_gradient(PlanBuilder& b, const Problem& p, const Operands& operands) {
  const FirstLayerGradient kernel(layer_of(p, operands.machine), operands.machine.threads);
  const Value other = operands.input ? operands.input : operands.x;
  const Value x = in_order(b, operands.x, other, Order::kPlain);
  Recorded recorded;
  recorded.dw = b.produce(onednn::plain_layout(p.weight_extents()));
  const Value workspace = b.produce(onednn::plain_layout(Dims{kernel.workspace_floats()}));
  std::vector<Argument> arguments{reads(Slot::kX, b.in_layout(x, plain_x(p))),
                                  writes(Slot::kDw, recorded.dw),
                                  writes(Slot::kWorkspace, workspace)};
  if (const auto& pooled = operands.pooled_dy) {
    arguments.push_back(reads(Slot::kDy, pooled->dy));
    arguments.push_back(reads(Slot::kY, pooled->y));
    arguments.push_back(reads(Slot::kIndices, pooled->index));
  } else {
    arguments.push_back(reads(Slot::kDy, b.in_layout(operands.dy, blocked_y(p, operands))));
  }
  if (p.has_bias) arguments.push_back(writes(Slot::kDb, recorded.db = b.produce(p.bias_layout())));
  b.product_step(operands.step, kImplementation, std::move(arguments),
                 [kernel, slope = epilogue_slope(p)](const StepArguments& step) {
                   const float *const from = step.in(Slot::kX), *const dy = step.in(Slot::kDy);
                   float *const dw = step.out(Slot::kDw), *const db = step.maybe_out(Slot::kDb);
                   float* const own = step.out(Slot::kWorkspace);
                   const auto* const index = step.maybe<std::uint8_t>(Slot::kIndices);
                   if (index == nullptr)
                     kernel.run(from, dy, dw, db, own);
                   else
                     kernel.run_pooled(from, {dy, step.in(Slot::kY), index, slope}, dw, db, own);
                 });
  return recorded;
}

Recorded record(PlanBuilder& b, const Problem& p, Pass pass, const Operands& operands) {
  return pass == Pass::kForward ? record_forward(b, p, operands)
                                : record_weight_gradient(b, p, operands);
}

}  // namespace

const Route kFirstLayerRoute{"first_layer", judge, record, true};

}  // namespace lucid
