#include "layers/convolution/routes/onednn.h"

#include "layers/convolution/problem/descriptors.h"
#include "layers/convolution/routes/onednn_parts.h"

namespace lucid {
namespace {

// In inference oneDNN chooses channels last for products of one voxel, which cost no more than the
// reorders before and behind them do: blocks stay blocks.
Problem in_blocks(Problem p, const Layout& x, const Machine& machine) {
  const bool is_pointwise = p.kernel == Triple{1, 1, 1} && p.groups == 1;
  if (!is_pointwise || (!p.is_float() && machine.has_matrix_unit) || p.is_training ||
      p.read_order || x.get_size() == 0 || onednn::order_of(x) != machine.blocks())
    return p;
  p.read_order = p.written_order = machine.blocks();
  return p;
}

Verdict judge(const Problem& p, Pass pass, const Layouts& given, const Machine& machine) {
  if (p.is_transposed) return impossible("transposed");
  Verdict verdict{nullptr, 1};
  if (pass == Pass::kForward)
    verdict.reads = machine.library->orders(in_blocks(p, given.x, machine), pass).x;
  return verdict;
}

// A weight that is read in bfloat16 is stored in float in the order in which its gradient comes.
void store_weight(PlanBuilder& b, const Problem& p) {
  if (!p.is_training || p.read == onednn::kFloat || p.origin == Origin::kMergedGroups ||
      p.origin == Origin::kPolyphase)
    return;
  b.store_parameter("weight",
                    onednn::weight_gradient_descriptor(b.device(), p).diff_weights_desc());
}

Recorded record_forward(PlanBuilder& b, const Problem& layer, const Operands& operands) {
  const Problem p = in_blocks(layer, b.layout(operands.x), operands.machine);
  store_weight(b, p);
  const auto descriptor = onednn::forward_descriptor(b.device(), p);
  const Value weight = operands.weight(descriptor.weights_desc());
  Recorded recorded;
  recorded.x = b.in_layout(operands.x, descriptor.src_desc());
  recorded.y = b.produce(descriptor.dst_desc());
  std::vector<Argument> arguments{
      {DNNL_ARG_SRC, recorded.x}, {DNNL_ARG_WEIGHTS, weight}, {DNNL_ARG_DST, recorded.y}};
  if (const Value bias = bias_of(b, p)) arguments.push_back({DNNL_ARG_BIAS, bias});
  b.step<dnnl::convolution_forward>(operands.step, descriptor, std::move(arguments));
  return recorded;
}

Recorded record_weight_gradient(PlanBuilder& b, const Problem& p, const Operands& operands) {
  if (OneDnnParts::are_needed(b.device(), p)) return OneDnnParts::record(b, p, operands);
  const auto descriptor = onednn::weight_gradient_descriptor(b.device(), p);
  Recorded recorded;
  recorded.dw = b.produce(descriptor.diff_weights_desc());
  std::vector<Argument> arguments{
      {DNNL_ARG_SRC, b.in_layout(operands.x, descriptor.src_desc())},
      {DNNL_ARG_DIFF_DST, b.in_layout(operands.dy, descriptor.diff_dst_desc())},
      {DNNL_ARG_DIFF_WEIGHTS, recorded.dw}};
  if (p.has_bias)
    arguments.push_back({DNNL_ARG_DIFF_BIAS, recorded.db = b.produce(p.bias_layout())});
  b.step<dnnl::convolution_backward_weights>(operands.step, descriptor, std::move(arguments));
  return recorded;
}

Recorded record_input_gradient(PlanBuilder& b, const Problem& p, const Operands& operands) {
  const auto descriptor = onednn::input_gradient_descriptor(b.device(), p);
  const Value weight = operands.weight(descriptor.weights_desc());
  Recorded recorded;
  recorded.dx = b.produce(descriptor.diff_src_desc());
  b.step<dnnl::convolution_backward_data>(
      operands.step, descriptor,
      {{DNNL_ARG_DIFF_DST, b.in_layout(operands.dy, descriptor.diff_dst_desc())},
       {DNNL_ARG_WEIGHTS, weight},
       {DNNL_ARG_DIFF_SRC, recorded.dx}});
  return recorded;
}

}  // namespace

const Route kOneDnnRoute{
    "onednn", judge, record_by_pass<record_forward, record_weight_gradient, record_input_gradient>};

}  // namespace lucid
