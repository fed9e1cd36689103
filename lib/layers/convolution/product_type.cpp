#include "layers/convolution/product_type.h"

#include <algorithm>

#include "layers/convolution/routes.h"

namespace lucid {
namespace {

// Without a matrix unit oneDNN's products of bfloat16 take half as long as those of floats; with
// channels that fill no vector, and for weight gradients, longer.
constexpr double kBfloat16 = 0.5, kBfloat16OfFew = 2.5, kBfloat16WeightGradient = 1.1;
// Operations that a processor could do while it converts a number, at the speed of memory.
constexpr double kConversion = 40;

double cost_in_bfloat16(const Problem& p, Pass pass, std::int64_t lanes) {
  if (pass == Pass::kWeightGradient) return kBfloat16WeightGradient;
  return std::min(p.inputs(), p.outputs()) < lanes ? kBfloat16OfFew : kBfloat16;
}

double count(const onednn::Dims& extents) {
  double product = 1;
  for (const auto extent : extents) product *= static_cast<double>(extent);
  return product;
}

// Of a value as large as `extents`, in units of a forward pass by its definition.
double conversion_cost(const Problem& p, const onednn::Dims& extents) {
  const double products = count(p.y_extents()) * static_cast<double>(p.group_inputs * p.taps());
  return kConversion * count(extents) / (2 * products);
}

// Costs of the routes that all passes would take.
double cost_of_passes(PlanBuilder& b, const Problem& p) {
  const OneDnn library(b.device());
  const std::int64_t lanes = this_machine(library).lanes();
  const Layout& input = b.layout(b.input());
  const auto cost = [&](Pass pass) {
    const Choice choice = convolution_routes().choose_for(b, p, pass, {input, input});
    const double of_route = choice.verdict.cost;
    const bool is_of_onednn = !p.is_float() && of_route == kCostOfOneDnn;
    return is_of_onednn ? cost_in_bfloat16(p, pass, lanes) : of_route;
  };
  double sum = cost(Pass::kForward);
  if (b.training()) sum += cost(Pass::kWeightGradient);
  if (b.training() && b.needs_input_gradient()) sum += cost(Pass::kInputGradient);
  return sum;
}

bool is_forced(const PlanBuilder& b) {
  for (const Pass pass : {Pass::kForward, Pass::kWeightGradient, Pass::kInputGradient})
    if (!b.forced_route(pass).empty()) return true;
  return false;
}

}  // namespace

bool is_faster_in_float(PlanBuilder& b, const Problem& in_bfloat16, const Problem& in_float) {
  const OneDnn library(b.device());
  if (this_machine(library).has_matrix_unit || is_forced(b)) return false;
  // Voxels that several taps of a transposed convolution meet are summed by phases in float.
  if (in_float.is_transposed) return in_float.kernel != in_float.stride;
  const bool x_is_float = onednn::data_type(b.layout(b.input())) == onednn::kFloat;
  const double of_x = conversion_cost(in_float, in_float.x_extents());
  double of_y = conversion_cost(in_float, in_float.y_extents());
  if (b.pair_pool_follows()) of_y /= 8;
  double as_float = cost_of_passes(b, in_float), as_bfloat16 = cost_of_passes(b, in_bfloat16);
  // The gradient is of the type of the value; a float one of y is converted for its products.
  (x_is_float ? as_bfloat16 : as_float) += of_x;
  if (!x_is_float && b.training()) as_float += of_x;
  if (b.output_type() != onednn::kFloat)
    as_float += of_y;
  else if (b.training())
    as_bfloat16 += of_y;
  return as_float < as_bfloat16;
}

}  // namespace lucid
