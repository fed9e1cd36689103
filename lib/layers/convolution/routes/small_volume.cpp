#include "layers/convolution/routes/small_volume.h"

#include <algorithm>

#include "kernels/small_volume/convolution.h"
#include "kernels/small_volume/gradient.h"

namespace lucid {
namespace {

using onednn::VectorSet;
using small_volume::Direction;
using small_volume::Geometry;
using small_volume::Kernels;
using Tag = dnnl::memory::format_tag;

constexpr const char* kImplementation = "lucid:small_volume";

// Products inside the volume over those of the definition, up to which leaving out the others pays
// for packing: measured with 32 to 256 channels and 1x1x1 to 14x14x14 voxels.
constexpr double kLargestShare = 0.65, kLargestShareOfGradient = 0.9;
// Voxels of a row of y from which on oneDNN leaves out most products with padding, too, and is as
// fast.
constexpr std::int64_t kLongestRow = 3;
// A vector of weights has to serve so many samples.
constexpr std::int64_t kFewestSamples = 4, kFewestOfGradient = 2;
// Times that share. Beside Winograd's 0.25 and 0.35, of weight gradients, this takes volumes of up
// to 3x3x3 voxels: their tiles are filled in part.
constexpr double kCost = 0.5, kWeightGradientCost = 0.68;

const char* why_not(const Problem& p, const Machine& machine) {
  if (p.is_transposed || p.groups != 1) return "transposed or grouped";
  if (p.is_dilated()) return "dilated";
  if (machine.vectors == VectorSet::kPortable) return "no AVX2";
  return nullptr;
}

small_volume::Type kernel_type(onednn::Type type) {
  return type == onednn::kBfloat16 ? small_volume::Type::kBfloat16 : small_volume::Type::kFloat;
}

Geometry geometry_of(const Problem& p, Pass pass, const Machine& machine) {
  Geometry g{.samples = p.samples,
             .lanes = machine.lanes(),
             .x = {p.inputs(), p.input, kernel_type(p.read)},
             .y = {p.outputs(), p.output, kernel_type(p.read)},
             .kernel = p.kernel,
             .stride = p.stride,
             .padding = p.pad_low};
  if (pass == Pass::kForward) g.y.type = kernel_type(p.written);
  if (pass == Pass::kInputGradient) g.x.type = kernel_type(p.input_gradient);
  return g;
}

double share_of(const Geometry& g) {
  return static_cast<double>(g.pairs()) / static_cast<double>(g.taps() * g.y.voxels());
}

bool pays(const Problem& p, Pass pass, double share, const Machine& machine) {
  if (std::min(p.inputs(), p.outputs()) < machine.lanes() || p.origin != Origin::kLayer)
    return false;
  if (pass == Pass::kWeightGradient)
    return p.samples >= kFewestOfGradient && share <= kLargestShareOfGradient;
  if (p.samples < kFewestSamples) return false;
  // Without native code the phases of a strided gradient are convolutions by themselves.
  if (pass == Pass::kInputGradient && p.is_strided() &&
      !is_native(machine.library->quality(p, pass)))
    return share <= kLargestShareOfGradient;
  return share <= kLargestShare && p.output[2] <= kLongestRow;
}

Verdict judge(const Problem& p, Pass pass, const Layouts&, const Machine& machine) {
  if (const char* reason = why_not(p, machine)) return impossible(reason);
  Verdict verdict{nullptr, kDoesNotPay, machine.blocks()};
  // A matrix unit is faster at bfloat16 than fewer products are.
  if (!p.is_float() && machine.has_matrix_unit) return verdict;
  const double share = share_of(geometry_of(p, pass, machine));
  if (pays(p, pass, share, machine))
    verdict.cost = share * (pass == Pass::kWeightGradient ? kWeightGradientCost : kCost);
  return verdict;
}

const Kernels& kernels_of(const Machine& machine) {
  return machine.has_wide_vectors() ? small_volume::kAvx512 : small_volume::kAvx2;
}

Layout x_layout(const Problem& p, const Machine& machine, onednn::Type type) {
  return onednn::ordered_layout(p.x_extents(), machine.blocks(), type);
}
Layout y_layout(const Problem& p, const Machine& machine, onednn::Type type) {
  return onednn::ordered_layout(p.y_extents(), machine.blocks(), type);
}
Layout weight_layout(const Problem& p, const Machine& machine) {
  return {p.weight_extents(), onednn::kFloat,
          machine.has_wide_vectors() ? Tag::OIdhw16i16o : Tag::OIdhw8i8o};
}

std::int64_t whole_outputs(const Problem& p, const Machine& machine) {
  return (p.outputs() + machine.lanes() - 1) / machine.lanes() * machine.lanes();
}

Recorded record_forward(PlanBuilder& b, const Problem& p, const Operands& operands) {
  const Machine& machine = operands.machine;
  const small_volume::Convolution convolution(geometry_of(p, Pass::kForward, machine),
                                              kernels_of(machine), machine.threads,
                                              Direction::kOutput);
  const std::int64_t whole = whole_outputs(p, machine);
  Recorded recorded;
  recorded.x = b.in_layout(operands.x, x_layout(p, machine, p.read));
  recorded.y = b.produce(y_layout(p, machine, p.written));
  std::vector<Argument> arguments{
      reads(Slot::kX, recorded.x), reads(Slot::kWeight, operands.weight(weight_layout(p, machine))),
      writes(Slot::kY, recorded.y),
      writes(Slot::kWorkspace, workspace(b, whole + convolution.workspace_floats()))};
  if (const Value bias = bias_of(b, p)) arguments.push_back(reads(Slot::kBias, bias));
  b.product_step(operands.step, kImplementation, std::move(arguments),
                 [convolution, slope = epilogue_slope(p), outputs = p.outputs(),
                  whole](const StepArguments& step) {
                   float* bias = step.out(Slot::kWorkspace);  // of whole blocks
                   fill_whole_bias(step, outputs, whole, bias);
                   convolution.run(step.in<void>(Slot::kX), step.in(Slot::kWeight), {bias, slope},
                                   step.out<void>(Slot::kY), bias + whole);
                 });
  return recorded;
}

Recorded record_weight_gradient(PlanBuilder& b, const Problem& p, const Operands& operands) {
  const Machine& machine = operands.machine;
  const small_volume::WeightGradient products(geometry_of(p, Pass::kWeightGradient, machine),
                                              kernels_of(machine), machine.threads);
  const std::int64_t whole = whole_outputs(p, machine);
  const Value other = operands.input ? operands.input : operands.x;
  const Value x = in_order(b, other, operands.x, machine.blocks());
  Recorded recorded;
  recorded.dw = b.produce(weight_layout(p, machine));
  std::vector<Argument> arguments{
      reads(Slot::kX, b.in_layout(x, x_layout(p, machine, p.read))),
      reads(Slot::kDy, b.in_layout(operands.dy, y_layout(p, machine, p.read))),
      writes(Slot::kDw, recorded.dw),
      writes(Slot::kWorkspace, workspace(b, whole + products.workspace_floats()))};
  if (p.has_bias) arguments.push_back(writes(Slot::kDb, recorded.db = b.produce(p.bias_layout())));
  b.product_step(operands.step, kImplementation, std::move(arguments),
                 [products, outputs = p.outputs(), whole](const StepArguments& step) {
                   float* db = step.maybe_out(Slot::kDb);
                   float* sums = step.out(Slot::kWorkspace);  // of whole blocks
                   products.run(step.in<void>(Slot::kX), step.in<void>(Slot::kDy),
                                step.out(Slot::kDw), db == nullptr ? nullptr : sums, sums + whole);
                   if (db != nullptr) std::copy_n(sums, outputs, db);
                 });
  return recorded;
}

Recorded record_input_gradient(PlanBuilder& b, const Problem& p, const Operands& operands) {
  const Machine& machine = operands.machine;
  const small_volume::Convolution convolution(geometry_of(p, Pass::kInputGradient, machine),
                                              kernels_of(machine), machine.threads,
                                              Direction::kInputGradient);
  Recorded recorded;
  recorded.dx = b.produce(x_layout(p, machine, p.input_gradient));
  b.product_step(operands.step, kImplementation,
                 {reads(Slot::kDy, b.in_layout(operands.dy, y_layout(p, machine, p.read))),
                  reads(Slot::kWeight, operands.weight(weight_layout(p, machine))),
                  writes(Slot::kDx, recorded.dx),
                  writes(Slot::kWorkspace, workspace(b, convolution.workspace_floats()))},
                 [convolution](const StepArguments& step) {
                   convolution.run(step.in<void>(Slot::kDy), step.in(Slot::kWeight), {},
                                   step.out<void>(Slot::kDx), step.out(Slot::kWorkspace));
                 });
  return recorded;
}

}  // namespace

const Route kSmallVolumeRoute{
    "small_volume", judge,
    record_by_pass<record_forward, record_weight_gradient, record_input_gradient>};

}  // namespace lucid
