#include "layers/convolution/routes/winograd_3d.h"

#include <algorithm>

#include "kernels/winograd3d/convolution.h"
#include "kernels/winograd3d/filter.h"
#include "kernels/winograd3d/gradient.h"

namespace lucid {
namespace {

using onednn::Dims;
using onednn::VectorSet;
using winograd3d::Geometry;
using winograd3d::Kernels;
using Tag = dnnl::memory::format_tag;

constexpr const char* kImplementation = "lucid:winograd_3d";

// Channels that pay for the transforms of x and y, of those that are read: measured with 8 to 256.
// Those that are written fill a vector, whose empty lanes would be computed, too.
constexpr std::int64_t kFewestRead = 8, kFewestOfOther = 16;
// Tiles that pay for the transform of the weights, which training repeats in every step, and of
// weights that leave the caches: measured with 16 to 256 channels. A trained network keeps its
// transformed weights, which are five times as large as the others: there, tiles pay for memory.
constexpr std::int64_t kFewestTiles = 16, kFewestToKeep = 64, kFewestOfManyWeights = 128;
constexpr std::int64_t kManyWeights = 128 * 128;  // inputs times outputs
// Voxels of all tiles over those of the volume, whose edge cuts tiles.
constexpr double kMostWaste = 2;
// A sixth of the products.
constexpr double kCost = 0.25, kWeightGradientCost = 0.35;

const char* why_not(const Problem& p, const Machine& machine) {
  if (p.is_transposed || p.groups != 1 || p.kernel != Triple{3, 3, 3})
    return "no ungrouped kernel of 3x3x3";
  if (p.is_strided()) return "strided";
  if (machine.vectors == VectorSet::kPortable) return "no AVX2";
  if (pads_beyond_kernel(p)) return "padding beyond the kernel";
  return nullptr;
}

winograd3d::Type kernel_type(onednn::Type type) {
  return type == onednn::kBfloat16 ? winograd3d::Type::kBfloat16 : winograd3d::Type::kFloat;
}

Geometry geometry_of(const Problem& p, const Machine& machine) {
  const auto whole = [&](std::int64_t channels) {
    return (channels + machine.lanes() - 1) / machine.lanes() * machine.lanes();
  };
  return {.samples = p.samples,
          .inputs = whole(p.inputs()),
          .outputs = whole(p.outputs()),
          .used_inputs = p.inputs(),
          .lanes = machine.lanes(),
          .input = p.input,
          .output = p.output,
          .padding = p.pad_low,
          .dilation = p.dilation,
          .input_type = kernel_type(p.read),
          .output_type = kernel_type(p.written)};
}

// The convolution that computes the weight gradient reads dy in the type of x.
Geometry gradient_geometry_of(const Problem& p, const Machine& machine) {
  Geometry g = geometry_of(p, machine);
  g.output_type = kernel_type(p.read);
  return g;
}

// The convolution that computes the input gradient.
Geometry reversed(const Problem& p, const Geometry& g) {
  Geometry back = g;
  back.input_type = kernel_type(p.read);
  back.output_type = kernel_type(p.input_gradient);
  std::swap(back.inputs, back.outputs);
  back.used_inputs = p.outputs();
  std::swap(back.input, back.output);
  for (std::size_t i = 0; i < 3; ++i) back.padding[i] = 2 * g.dilation[i] - g.padding[i];
  return back;
}

bool pays(const Problem& p, Pass pass, const Machine& machine) {
  const Geometry g = geometry_of(p, machine);
  const bool is_back = pass == Pass::kInputGradient;
  const std::int64_t read = is_back ? p.outputs() : p.inputs();
  const std::int64_t written = is_back ? p.inputs() : p.outputs();
  if (read < kFewestRead || written < machine.lanes()) return false;
  if (std::max(read, written) < kFewestOfOther) return false;
  const bool has_many = g.inputs * g.outputs > kManyWeights;
  const std::int64_t of_few = p.is_training ? kFewestTiles : kFewestToKeep;
  if (g.tile_count() < (has_many ? kFewestOfManyWeights : of_few)) return false;
  const double voxels = static_cast<double>(g.samples * g.output_voxels());
  const double of_tiles = static_cast<double>(g.tile_count() * winograd3d::kOutputPlanes *
                                              winograd3d::kOutputSide * winograd3d::kOutputSide);
  return of_tiles <= kMostWaste * voxels;
}

Verdict judge(const Problem& p, Pass pass, const Layouts&, const Machine& machine) {
  if (const char* reason = why_not(p, machine)) return impossible(reason);
  Verdict verdict{nullptr, kDoesNotPay, machine.blocks()};
  // A matrix unit is faster at bfloat16 than fewer products are.
  if ((!p.is_float() && machine.has_matrix_unit) || !pays(p, pass, machine)) return verdict;
  if (pass == Pass::kWeightGradient)
    verdict.cost = kWeightGradientCost;
  else if (p.origin == Origin::kLayer)
    verdict.cost = kCost;
  return verdict;
}

// The tensors and shapes that the passes of one problem share.
struct Winograd {
  Winograd(const Problem& p, const Machine& machine)
      : geometry(geometry_of(p, machine)),
        kernels(machine.has_wide_vectors() ? winograd3d::kAvx512 : winograd3d::kAvx2),
        x(onednn::ordered_layout(p.x_extents(), machine.blocks(), p.read)),
        y(onednn::ordered_layout(p.y_extents(), machine.blocks(), p.written)),
        dy(onednn::ordered_layout(p.y_extents(), machine.blocks(), p.read)),
        dx(onednn::ordered_layout(p.x_extents(), machine.blocks(), p.input_gradient)),
        weight(p.weight_extents(), onednn::kFloat,
               machine.has_wide_vectors() ? Tag::OIdhw16i16o : Tag::OIdhw8i8o) {}

  Geometry geometry;
  const Kernels& kernels;
  Layout x, y, dy, dx, weight;
};

using Transform = void (*)(const Geometry&, const float*, float*);

Value transformed_weight(PlanBuilder& b, const Operands& operands, const Winograd& w,
                         const Geometry& geometry, Transform transform) {
  return b.made_of_parameters("transformed weights", operands.weight(w.weight),
                              onednn::plain_layout(Dims{winograd3d::weight_floats(geometry)}),
                              [geometry, transform](const StepArguments& step) {
                                transform(geometry, step.in(Slot::kX), step.out(Slot::kY));
                              });
}

Recorded record_forward(PlanBuilder& b, const Problem& p, const Operands& operands) {
  const Winograd w(p, operands.machine);
  const Value weight = transformed_weight(b, operands, w, w.geometry, winograd3d::transform_filter);
  Recorded recorded;
  if (!p.is_dilated()) recorded.pool = take_pool(b, p, w.y);
  const bool is_pooled = recorded.pool.has_value();
  Geometry geometry = w.geometry;
  if (is_pooled) geometry.output = recorded.pool->even_output();
  const winograd3d::Convolution convolution(geometry, w.kernels, operands.machine.threads);
  const std::int64_t whole = w.geometry.outputs;
  recorded.x = b.in_layout(operands.x, w.x);
  recorded.y = b.produce(is_pooled ? recorded.pool->pooling.out : w.y);
  std::vector<Argument> arguments{
      reads(Slot::kX, recorded.x), reads(Slot::kWeight, weight), writes(Slot::kY, recorded.y),
      writes(Slot::kWorkspace, workspace(b, convolution.workspace_floats() + whole))};
  if (const Value bias = bias_of(b, p)) arguments.push_back(reads(Slot::kBias, bias));
  add_index(recorded.pool, arguments);
  b.product_step(step_name(operands.step, recorded.pool), kImplementation, std::move(arguments),
                 [convolution, is_pooled, slope = epilogue_slope(p), outputs = p.outputs(),
                  whole](const StepArguments& step) {
                   float* bias = step.out(Slot::kWorkspace);  // of whole blocks
                   fill_whole_bias(step, outputs, whole, bias);
                   const winograd3d::Outputs to{{bias, slope},
                                                step.out<void>(Slot::kY),
                                                is_pooled,
                                                step.maybe_out<std::uint8_t>(Slot::kIndices)};
                   convolution.run(step.in<void>(Slot::kX), step.in(Slot::kWeight), to,
                                   bias + whole);
                 });
  return recorded;
}

Recorded record_weight_gradient(PlanBuilder& b, const Problem& p, const Operands& operands) {
  const Winograd w(p, operands.machine);
  const winograd3d::WeightGradient products(gradient_geometry_of(p, operands.machine), w.kernels,
                                            operands.machine.threads);
  const std::int64_t whole = w.geometry.outputs;
  const Value other = operands.input ? operands.input : operands.x;
  const Value x = in_order(b, other, operands.x, operands.machine.blocks());
  Recorded recorded;
  recorded.dw = b.produce(w.weight);
  std::vector<Argument> arguments{
      reads(Slot::kX, b.in_layout(x, w.x)), reads(Slot::kDy, b.in_layout(operands.dy, w.dy)),
      writes(Slot::kDw, recorded.dw),
      writes(Slot::kWorkspace, workspace(b, products.workspace_floats() + whole))};
  if (p.has_bias) arguments.push_back(writes(Slot::kDb, recorded.db = b.produce(p.bias_layout())));
  b.product_step(operands.step, kImplementation, std::move(arguments),
                 [products, outputs = p.outputs(), whole](const StepArguments& step) {
                   float* sums = step.out(Slot::kWorkspace);  // of whole blocks
                   products.run(step.in<void>(Slot::kX), step.in<void>(Slot::kDy),
                                step.out(Slot::kDw), sums, sums + whole);
                   if (float* db = step.maybe_out(Slot::kDb)) std::copy_n(sums, outputs, db);
                 });
  return recorded;
}

Recorded record_input_gradient(PlanBuilder& b, const Problem& p, const Operands& operands) {
  const Winograd w(p, operands.machine);
  const Geometry back = reversed(p, w.geometry);
  const Value weight =
      transformed_weight(b, operands, w, back, winograd3d::transform_reversed_filter);
  const winograd3d::Convolution convolution(back, w.kernels, operands.machine.threads);
  Recorded recorded;
  recorded.dx = b.produce(w.dx);
  b.product_step(operands.step, kImplementation,
                 {reads(Slot::kDy, b.in_layout(operands.dy, w.dy)), reads(Slot::kWeight, weight),
                  writes(Slot::kDx, recorded.dx),
                  writes(Slot::kWorkspace, workspace(b, convolution.workspace_floats()))},
                 [convolution](const StepArguments& step) {
                   convolution.run(step.in<void>(Slot::kDy), step.in(Slot::kWeight),
                                   {{}, step.out<void>(Slot::kDx)}, step.out(Slot::kWorkspace));
                 });
  return recorded;
}

}  // namespace

const Route kWinograd3dRoute{
    "winograd_3d", judge,
    record_by_pass<record_forward, record_weight_gradient, record_input_gradient>};

}  // namespace lucid
