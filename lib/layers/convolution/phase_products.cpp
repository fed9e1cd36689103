#include "layers/convolution/phase_products.h"

#include <algorithm>

#include "layers/layer/elements.h"
#include "layers/layer/window.h"
#include "layers/weighted/weighted.h"

namespace lucid {
namespace {

using onednn::Dims;
using onednn::Order;
using Forward = dnnl::convolution_forward::primitive_desc;

// Products of all phases in one convolution over those that a phase has on average.
constexpr double kUnequal = 1.25;

void describe(PlanBuilder& b, PhasePart& part) {
  part.descriptor = onednn::describe<dnnl::convolution_forward>(
      b.device(), b.attributes(), b.forward_kind(), dnnl::algorithm::convolution_direct, part.src,
      part.weights, Layout(), part.dst, Dims{1, 1, 1}, part.dilation, part.pad_low, part.pad_high);
}

// Places of a phase's voxels: as many as the output asks for, but none that no input reaches.
std::int64_t places(const PhaseConvolution& c, const PhasePacking& p, std::size_t axis) {
  const std::int64_t last = c.output[axis + 2] - 1 + c.padding[axis];
  const std::int64_t wanted = last / c.stride[axis] + 1, input = c.input[axis + 2];
  return std::clamp(wanted, input, input + p.axes[axis].reach());
}

Dims phase_extents(const PhaseConvolution& c, const PhasePacking& p) {
  return {c.input[0], p.groups * p.phases() * p.padded_outputs, places(c, p, 0), places(c, p, 1),
          places(c, p, 2)};
}

std::int64_t taps(const PhasePacking& p) { return p.kernel[0] * p.kernel[1] * p.kernel[2]; }

// What oneDNN's kernels over blocks read and write.
bool fills_blocks(const PhasePacking& p) {
  const std::int64_t lanes = onednn::vector_set() == onednn::VectorSet::kAvx512 ? 16 : 8;
  return p.groups == 1 || (p.group_inputs % lanes == 0 && p.group_outputs % lanes == 0);
}

Value packed_weight(PlanBuilder& b, const PhasePacking& p, Value stored) {
  if (p.is_identity()) return b.view(stored, p.packed_layout());
  return b.made_of_parameters(
      "phase weights", stored, p.packed_layout(), [p](std::span<void* const> storage) {
        p.pack(static_cast<const float*>(storage[0]), static_cast<float*>(storage[1]));
      });
}

PositionalFunction interleaving_step(const Layout& phases, const Interleaving& by) {
  return with_number_of(phases, [&](auto number) -> PositionalFunction {
    using Number = decltype(number);
    return [by](std::span<void* const> storage) {
      interleave(by, static_cast<const Number*>(storage[0]),
                 storage.size() > 2 ? static_cast<const float*>(storage[2]) : nullptr,
                 static_cast<Number*>(storage[1]));
    };
  });
}

}  // namespace

PhaseProducts PhaseProducts::together(PlanBuilder& b, const PhaseConvolution& of,
                                      PhaseTypes types) {
  return {b, of, types, {of.packing}};
}

std::optional<PhaseProducts> PhaseProducts::apart(PlanBuilder& b, const PhaseConvolution& of) {
  const PhasePacking& p = of.packing;
  const auto together = static_cast<double>(p.shifts() * p.phases());
  if (of.is_dilated() || !fills_blocks(p) || together < kUnequal * static_cast<double>(taps(p)))
    return std::nullopt;
  try {
    const PhaseProducts products(b, of, {}, p.by_phase());
    if (products.is_direct()) return products;
  } catch (const dnnl::error&) {  // one that oneDNN does not know in the first one's order
  }
  return std::nullopt;
}

// The phases take the order that oneDNN likes. In blocked orders every phase begins with a block of
// its own, so that whole blocks are copied.
PhaseProducts::PhaseProducts(PlanBuilder& b, const PhaseConvolution& of, PhaseTypes types,
                             std::vector<PhasePacking> packings)
    : of_(of) {
  constexpr std::int64_t kAligned = 64;
  Layout src = onednn::any_layout(of.input.extents(), types.read);
  for (PhasePacking& packing : packings) {
    if (!parts_.empty()) packing.padded_outputs = parts_.front().packing.padded_outputs;
    PhasePart next = part(packing, types);
    next.src = src;
    if (parts_.empty()) {
      describe(b, next);
      order_ = onednn::order_of(next.descriptor.dst_desc()).value_or(Order::kPlain);
      const std::int64_t block = block_of(order_);
      packing.padded_outputs = (packing.group_outputs + block - 1) / block * block;
      next = part(packing, types);
      next.src = src;
    }
    next.dst = onednn::ordered_layout(onednn::extents(next.dst), order_, types.written);
    describe(b, next);
    src = next.descriptor.src_desc();
    next.first = numbers_;
    numbers_ += (number_count(next.dst) + kAligned - 1) / kAligned * kAligned;
    parts_.push_back(std::move(next));
  }
}

PhasePart PhaseProducts::part(const PhasePacking& p, PhaseTypes types) const {
  PhasePart part{.packing = p,
                 .src = {},
                 .weights = onednn::any_layout(onednn::extents(p.packed_layout()), types.read),
                 .dst = onednn::any_layout(phase_extents(of_, p), types.written),
                 .dilation = {},
                 .pad_low = {},
                 .pad_high = {},
                 .descriptor = {}};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    part.dilation.push_back(p.axes[axis].step - 1);  // oneDNN counts from 0
    part.pad_low.push_back(p.axes[axis].reach());
    part.pad_high.push_back(places(of_, p, axis) - of_.input[axis + 2]);
  }
  return part;
}

bool PhaseProducts::is_direct() const {
  return std::ranges::none_of(parts_, [](const PhasePart& part) {
    return multiplies_columns(part.descriptor) || is_reference(part.descriptor);
  });
}

PhaseValues PhaseProducts::record(PlanBuilder& b, Value x, Value stored_weight) const {
  const bool is_one = parts_.size() == 1;
  PhaseValues values{
      b.in_layout(x, parts_.front().descriptor.src_desc()),
      {},
      b.produce(is_one
                    ? parts_.front().dst
                    : onednn::plain_layout(Dims{numbers_}, onednn::data_type(parts_.front().dst)))};
  const std::size_t number_bytes =
      dnnl::memory::data_type_size(onednn::data_type(parts_.front().dst));
  for (const PhasePart& part : parts_) {
    const PhasePacking& p = part.packing;
    const Value weight = packed_weight(b, p, stored_weight);
    if (!values.weight) values.weight = weight;
    const Triple kernel{p.axes[0].shifts, p.axes[1].shifts, p.axes[2].shifts};
    const double share = static_cast<double>(p.shifts()) / static_cast<double>(taps(p));
    b.part_of_product<dnnl::convolution_forward>(
        is_one ? "phase convolution" : "phase convolution " + triple_text(kernel), part.descriptor,
        {{DNNL_ARG_SRC, values.x},
         {DNNL_ARG_WEIGHTS, b.parameter_in_layout(weight, part.descriptor.weights_desc())},
         {DNNL_ARG_DST, is_one ? values.phases
                               : b.part(values.phases, part.dst,
                                        static_cast<std::size_t>(part.first) * number_bytes)}},
        is_one ? 1 : share);
  }
  return values;
}

// The output takes the phases' order, unless its blocks would hold channels of two groups.
Order PhaseProducts::output_order() const {
  const PhasePacking& p = parts_.front().packing;
  return p.groups > 1 && p.padded_outputs != p.group_outputs ? Order::kChannelsLast : order_;
}

Interleaving PhaseProducts::interleaving() const {
  const auto& axes = of_.packing.axes;
  PhaseTensors tensors{.parts = {},
                       .phases = {axes[0].phases, axes[1].phases, axes[2].phases},
                       .stride = of_.stride,
                       .padding = of_.padding,
                       .output = of_.output,
                       .phases_order = order_,
                       .output_order = output_order()};
  for (const PhasePart& part : parts_)
    tensors.parts.push_back({part.packing, onednn::shape_of(part.dst), part.first});
  return interleaving_of(tensors);
}

Value PhaseProducts::record_output(PlanBuilder& b, const std::string& what, const Interleaving& by,
                                   Value phases, Value bias) const {
  const onednn::Type type = onednn::data_type(parts_.front().dst);
  const Value y = b.produce(onednn::ordered_layout(of_.output.extents(), output_order(), type));
  std::vector<Argument> arguments{{DNNL_ARG_SRC, phases}, {DNNL_ARG_DST, y}};
  if (bias) arguments.push_back({DNNL_ARG_BIAS, bias});
  b.host_step(what, "lucid:interleave", std::move(arguments),
              interleaving_step(parts_.front().dst, by));
  return y;
}

}  // namespace lucid
