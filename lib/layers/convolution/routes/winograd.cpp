#include "layers/convolution/routes/winograd.h"

#include <algorithm>

#include "layers/convolution/winograd/products.h"

namespace lucid {
namespace {

using onednn::Dims;
using onednn::VectorSet;
using Tag = dnnl::memory::format_tag;

// A trained network keeps its transformed weights, four times as large as the others: there, voxels
// pay for memory as well.
constexpr std::int64_t kFewestVoxelsToKeep = 1200;

const char* why_not(const Problem& p, const Machine& machine) {
  if (p.is_transposed || p.groups != 1 || p.kernel[1] != winograd::kTaps ||
      p.kernel[2] != winograd::kTaps)
    return "no ungrouped kernel of 3x3";
  if (p.is_strided() || p.is_dilated()) return "strided or dilated";
  if (machine.vectors == VectorSet::kPortable) return "no AVX2";
  if (!p.is_float()) return "not in float32";
  if (pads_beyond_kernel(p)) return "padding beyond the kernel";
  return nullptr;
}

bool pays(const Problem& p, const Thresholds& thresholds, std::int64_t fewest_inputs) {
  if (p.inputs() < fewest_inputs || p.outputs() < thresholds.winograd_channels) return false;
  const std::int64_t fewest = p.is_training
                                  ? thresholds.winograd_voxels
                                  : std::max(thresholds.winograd_voxels, kFewestVoxelsToKeep);
  if (p.samples * p.output[0] * p.output[1] * p.output[2] < fewest) return false;
  double waste = 1;
  for (std::size_t axis = 1; axis < 3; ++axis) {
    const std::int64_t voxels = p.output[axis];
    waste *= static_cast<double>(winograd::tiles(voxels) * winograd::kOutputTile) /
             static_cast<double>(voxels);
  }
  return waste <= thresholds.winograd_waste;
}

// All three products are native, so that the passes choose alike.
bool has_native_products(const Problem& p, const Machine& machine) {
  const WinogradShape shape = winograd_shape(p, machine.lanes());
  const auto is_native = [&](const WinogradShape& of, SlabFloats floats, Pass pass) {
    return machine.library->quality(WinogradSlabs(of, floats).products(), pass) == Quality::kNative;
  };
  return is_native(shape, kForwardSlab, Pass::kForward) &&
         (!p.is_training || (is_native(shape.reversed(), kForwardSlab, Pass::kForward) &&
                             is_native(shape, kWeightGradientSlab, Pass::kWeightGradient)));
}

Verdict judge(const Problem& p, Pass pass, const Layouts&, const Machine& machine) {
  if (const char* reason = why_not(p, machine)) return impossible(reason);
  if (!has_native_products(p, machine)) return impossible("oneDNN lacks a kernel for the products");
  const bool is_weight_gradient = pass == Pass::kWeightGradient;
  Verdict verdict{nullptr, kDoesNotPay, machine.blocks()};
  const Thresholds& t = machine.thresholds;
  if (is_weight_gradient && pays(p, t, t.winograd_gradient_inputs))
    verdict.cost = t.winograd_gradient_cost;
  if (!is_weight_gradient && p.origin == Origin::kLayer && pays(p, t, t.winograd_channels))
    verdict.cost = t.winograd_cost;
  return verdict;
}

// The tensors and shapes that the passes of one problem share.
struct Winograd {
  Winograd(const Problem& p, const Machine& machine)
      : shape(winograd_shape(p, machine.lanes())),
        x(onednn::ordered_layout(p.x_extents(), machine.blocks())),
        y(onednn::ordered_layout(p.y_extents(), machine.blocks())),
        weight(p.weight_extents(), onednn::kFloat,
               machine.has_wide_vectors() ? Tag::OIdhw16i16o : Tag::OIdhw8i8o) {}

  Layout transformed_weight() const {
    return onednn::plain_layout(Dims{winograd::kTileElements * shape.weights().element_floats()});
  }

  WinogradShape shape;
  Layout x, y, weight;
};

std::string name_of(const WinogradProducts& products) {
  return std::string("lucid:winograd+") + products.implementation();
}

Recorded record_forward(PlanBuilder& b, const Problem& p, const Operands& operands) {
  const Winograd w(p, operands.machine);
  const Value transformed = b.made_of_parameters(
      "transformed weights", operands.weight(w.weight), w.transformed_weight(),
      [weights = w.shape.weights()](const StepArguments& step) {
        winograd::transform_filter(weights, step.in(Slot::kX), step.out(Slot::kY));
      });
  WinogradForward products(b.device(), w.shape);
  Recorded recorded;
  recorded.x = b.in_layout(operands.x, w.x);
  recorded.y = b.produce(w.y);
  std::vector<Argument> arguments{
      reads(Slot::kX, recorded.x), reads(Slot::kWeight, transformed), writes(Slot::kY, recorded.y),
      writes(Slot::kWorkspace, workspace(b, products.workspace_floats() + w.shape.outputs))};
  if (const Value bias = bias_of(b, p)) arguments.push_back(reads(Slot::kBias, bias));
  b.product_step(operands.step, name_of(products), std::move(arguments),
                 [products, slope = epilogue_slope(p), outputs = p.outputs(),
                  whole = w.shape.outputs](const StepArguments& step) mutable {
                   float* bias = step.out(Slot::kWorkspace);  // of whole blocks
                   fill_whole_bias(step, outputs, whole, bias);
                   products.run(step.in(Slot::kX), step.in(Slot::kWeight), {bias, slope},
                                step.out(Slot::kY), bias + whole);
                 });
  return recorded;
}

Recorded record_weight_gradient(PlanBuilder& b, const Problem& p, const Operands& operands) {
  const Winograd w(p, operands.machine);
  WinogradWeightGradient products(b.device(), w.shape);
  const Value other = operands.input ? operands.input : operands.x;
  const Value x = in_order(b, other, operands.x, operands.machine.blocks());
  Recorded recorded;
  recorded.dw = b.produce(w.weight);
  std::vector<Argument> arguments{
      reads(Slot::kX, b.in_layout(x, w.x)), reads(Slot::kDy, b.in_layout(operands.dy, w.y)),
      writes(Slot::kDw, recorded.dw),
      writes(Slot::kWorkspace, workspace(b, products.workspace_floats() + w.shape.outputs))};
  if (p.has_bias) arguments.push_back(writes(Slot::kDb, recorded.db = b.produce(p.bias_layout())));
  b.product_step(operands.step, name_of(products), std::move(arguments),
                 [products, outputs = p.outputs(),
                  whole = w.shape.outputs](const StepArguments& step) mutable {
                   float* sums = step.out(Slot::kWorkspace);  // of whole blocks
                   products.run(step.in(Slot::kX), step.in(Slot::kDy), step.out(Slot::kDw), sums,
                                sums + whole);
                   if (float* db = step.maybe_out(Slot::kDb)) std::copy_n(sums, outputs, db);
                 });
  return recorded;
}

Recorded record_input_gradient(PlanBuilder& b, const Problem& p, const Operands& operands) {
  const Winograd w(p, operands.machine);
  const Value transformed = b.made_of_parameters(
      "transformed weights", operands.weight(w.weight), w.transformed_weight(),
      [weights = w.shape.weights()](const StepArguments& step) {
        winograd::transform_reversed_filter(weights, step.in(Slot::kX), step.out(Slot::kY));
      });
  WinogradForward products(b.device(), w.shape.reversed());
  Recorded recorded;
  recorded.dx = b.produce(w.x);
  b.product_step(operands.step, name_of(products),
                 {reads(Slot::kDy, b.in_layout(operands.dy, w.y)),
                  reads(Slot::kWeight, transformed), writes(Slot::kDx, recorded.dx),
                  writes(Slot::kWorkspace, workspace(b, products.workspace_floats()))},
                 [products](const StepArguments& step) mutable {
                   products.run(step.in(Slot::kDy), step.in(Slot::kWeight), {}, step.out(Slot::kDx),
                                step.out(Slot::kWorkspace));
                 });
  return recorded;
}

}  // namespace

const Route kWinogradRoute{
    "winograd", judge,
    record_by_pass<record_forward, record_weight_gradient, record_input_gradient>};

}  // namespace lucid
