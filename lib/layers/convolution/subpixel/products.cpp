#include "layers/convolution/subpixel/products.h"

#include <algorithm>

#include "layers/convolution/problem/descriptors.h"
#include "layers/layer/elements.h"
#include "layers/layer/window.h"

namespace lucid {
namespace {

using onednn::Dims;
using onednn::Order;

// Counts the voxels of a phase along an axis: as many as the output asks for, but none that no
// input reaches.
std::int64_t phase_voxels(const Problem& p, const PhasePacking& packing, std::size_t axis) {
  const std::int64_t last = p.output[axis] - 1 + p.pad_low[axis];
  const std::int64_t wanted = last / p.stride[axis] + 1, input = p.input[axis];
  return std::clamp(wanted, input, input + packing.axes[axis].reach());
}

HostFunction interleaving_step(const Layout& phases, const Interleaving& by) {
  return with_element_type(phases, [&](auto element) -> HostFunction {
    using Element = decltype(element);
    return [by](const StepArguments& step) {
      interleave(by, step.in<Element>(Slot::kX), step.maybe(Slot::kBias),
                 step.out<Element>(Slot::kY));
    };
  });
}

}  // namespace

PhaseProducts::PhaseProducts(const Problem& transposed, PhaseSplit split, const Library& library)
    : problem_(transposed) {
  const PhasePacking whole(transposed);
  if (split == PhaseSplit::kTogether)
    add(whole, library);
  else
    for (const PhasePacking& packing : whole.by_phase()) add(packing, library);
}

// The phases take the order that oneDNN likes for the first of them. In blocked orders every phase
// begins with a block of its own, so that whole blocks are copied.
void PhaseProducts::add(PhasePacking packing, const Library& library) {
  constexpr std::int64_t kAligned = 64;
  if (parts_.empty()) {
    order_ = library.orders(problem_of(packing), Pass::kForward).y.value_or(Order::kPlain);
    const std::int64_t block = block_of(order_);
    packing.padded_outputs = (packing.group_outputs + block - 1) / block * block;
  } else {
    packing.padded_outputs = parts_.front().packing.padded_outputs;
  }
  Problem problem = problem_of(packing);
  problem.written_order = order_;
  if (!parts_.empty())
    problem.read_order = library.orders(parts_.front().problem, Pass::kForward).x;
  const std::int64_t elements =
      element_count(onednn::ordered_layout(problem.y_extents(), order_, problem.written));
  parts_.push_back({std::move(packing), problem, elements_});
  elements_ += (elements + kAligned - 1) / kAligned * kAligned;
}

Problem PhaseProducts::problem_of(const PhasePacking& packing) const {
  Problem p{.samples = problem_.samples,
            .groups = packing.groups,
            .group_inputs = packing.group_inputs,
            .group_outputs = packing.phases() * packing.padded_outputs,
            .input = problem_.input,
            .read = problem_.read,
            .written = problem_.written,
            .input_gradient = problem_.input_gradient,
            .is_training = problem_.is_training,
            .origin = Origin::kPolyphase};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const AxisPhases& phases = packing.axes[axis];
    p.output[axis] = phase_voxels(problem_, packing, axis);
    p.kernel[axis] = phases.shifts;
    p.dilation[axis] = phases.step;
    p.pad_low[axis] = phases.reach();
    p.pad_high[axis] = p.output[axis] - p.input[axis];
  }
  return p;
}

bool PhaseProducts::is_native(const Library& library) const {
  return std::ranges::all_of(parts_, [&](const PhasePart& part) {
    const Quality quality = library.quality(part.problem, Pass::kForward);
    return is_sound(quality) && quality != Quality::kGemm;
  });
}

Value PhaseProducts::packed_weight(PlanBuilder& b, const PhasePart& part, Value stored) {
  const PhasePacking& p = part.packing;
  if (p.is_identity()) return b.view(stored, p.packed_layout());
  return b.made_of_parameters(
      "phase weights", stored, p.packed_layout(),
      [p](const StepArguments& step) { p.pack(step.in(Slot::kX), step.out(Slot::kY)); });
}

PhaseValues PhaseProducts::record(PlanBuilder& b, Value x, Value stored_weight) const {
  const Problem& first = parts_.front().problem;
  const Layout x_layout = onednn::forward_descriptor(b.device(), first).src_desc();
  const Layout phases = parts_.size() == 1
                            ? onednn::ordered_layout(first.y_extents(), order_, first.written)
                            : onednn::plain_layout(Dims{elements_}, first.written);
  PhaseValues values{b.in_layout(x, x_layout), {}, b.produce(phases)};
  for (const PhasePart& part : parts_) {
    const Value weight = record_part(b, part, x_layout, values, stored_weight);
    if (!values.weight) values.weight = weight;
  }
  return values;
}

Value PhaseProducts::record_part(PlanBuilder& b, const PhasePart& part, const Layout& x_layout,
                                 PhaseValues& values, Value stored_weight) const {
  const bool is_one = parts_.size() == 1;
  const Problem& p = part.problem;
  const bool is_first = &part == &parts_.front();
  const auto descriptor = is_first ? onednn::forward_descriptor(b.device(), p)
                                   : onednn::forward_descriptor(b.device(), p, x_layout);
  const Value weight = packed_weight(b, part, stored_weight);
  const double share =
      static_cast<double>(part.packing.shifts()) / static_cast<double>(part.packing.taps());
  const std::size_t element_bytes = dnnl::memory::data_type_size(p.written);
  const Value y = is_one ? values.phases
                         : b.part(values.phases, descriptor.dst_desc(),
                                  static_cast<std::size_t>(part.first) * element_bytes);
  b.part_of_product<dnnl::convolution_forward>(
      is_one ? "phase convolution" : "phase convolution " + triple_text(p.kernel), descriptor,
      {{DNNL_ARG_SRC, values.x},
       {DNNL_ARG_WEIGHTS, b.parameter_in_layout(weight, descriptor.weights_desc())},
       {DNNL_ARG_DST, y}},
      is_one ? 1 : share);
  return weight;
}

Order PhaseProducts::output_order() const {
  const PhasePacking& p = parts_.front().packing;
  return p.groups > 1 && p.padded_outputs != p.group_outputs ? Order::kChannelsLast : order_;
}

Interleaving PhaseProducts::interleaving() const {
  const PhasePacking whole(problem_);
  PhaseTensors tensors{.parts = {},
                       .phases = {whole.axes[0].phases, whole.axes[1].phases, whole.axes[2].phases},
                       .stride = problem_.stride,
                       .padding = problem_.pad_low,
                       .output = Shape(problem_.y_extents()),
                       .phases_order = order_,
                       .output_order = output_order(),
                       .relu_slope = problem_.relu_slope};
  for (const PhasePart& part : parts_)
    tensors.parts.push_back({part.packing, Shape(part.problem.y_extents()), part.first});
  return interleaving_of(tensors);
}

Value PhaseProducts::record_output(PlanBuilder& b, const std::string& step, Value phases,
                                   Value bias) const {
  const Value y =
      b.produce(onednn::ordered_layout(problem_.y_extents(), output_order(), problem_.written));
  std::vector<Argument> arguments{reads(Slot::kX, phases), writes(Slot::kY, y)};
  if (bias) arguments.push_back(reads(Slot::kBias, bias));
  b.host_step(step, "lucid:interleave", std::move(arguments),
              interleaving_step(b.layout(phases), interleaving()));
  return y;
}

}  // namespace lucid
