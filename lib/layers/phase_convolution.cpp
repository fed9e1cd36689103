#include "layers/phase_convolution.h"

#include <algorithm>

#include "layers/numbers.h"
#include "layers/phase_interleaving.h"
#include "layers/weight_gradient.h"
#include "layers/weighted.h"

namespace lucid {
namespace {

using onednn::Dims;
using onednn::Order;
using Forward = dnnl::convolution_forward::primitive_desc;

// What the convolution over phases is made from, and what the way back needs of it.
struct Recorded {
  Recorded(const PhaseConvolution& convolution, const Layout& bias_layout)
      : of(convolution), bias(bias_layout) {}

  PhaseConvolution of;
  onednn::Type type = onednn::kFloat;  // that the products read
  Layout src, weights, dst, bias;      // src and weights are `any`
  Layout src_gradient;                 // `any`; it may differ in type
  Dims dilation, pad_low, pad_high;
  Order order = Order::kPlain;  // of the phases
  Interleaving interleaving;
  Value x, weight, y;
};

Forward describe(PlanBuilder& b, const Recorded& r) {
  return onednn::describe<dnnl::convolution_forward>(
      b.device(), b.attributes(), b.forward_kind(), dnnl::algorithm::convolution_direct, r.src,
      r.weights, Layout(), r.dst, Dims{1, 1, 1}, r.dilation, r.pad_low, r.pad_high);
}

// Places of a phase's voxels: as many as the output asks for, but none that no input reaches.
std::int64_t places(const PhaseConvolution& c, std::size_t axis, std::int64_t input) {
  const std::int64_t last = c.output[axis + 2] - 1 + c.padding[axis];
  const std::int64_t wanted = last / c.stride[axis] + 1;
  return std::clamp(wanted, input, input + c.packing.axes[axis].reach());
}

Dims phase_extents(const Recorded& r, const Shape& input) {
  const PhasePacking& p = r.of.packing;
  return {input[0], p.groups * p.phases() * p.padded_outputs, places(r.of, 0, input[2]),
          places(r.of, 1, input[3]), places(r.of, 2, input[4])};
}

// The phases take the order that oneDNN likes. In blocked orders every phase begins with a block of
// its own, so that whole blocks are copied.
Forward choose_layouts(PlanBuilder& b, Recorded& r) {
  PhasePacking& p = r.of.packing;
  const Shape input = onednn::shape_of(b.layout(b.input()));
  r.type = b.product_type();
  r.src = onednn::any_layout(input.extents(), r.type);
  r.src_gradient = onednn::any_layout(input.extents(), onednn::data_type(b.layout(b.input())));
  for (std::size_t axis = 0; axis < 3; ++axis) {
    r.dilation.push_back(p.axes[axis].step - 1);  // oneDNN counts from 0
    r.pad_low.push_back(p.axes[axis].reach());
    r.pad_high.push_back(places(r.of, axis, input[axis + 2]) - input[axis + 2]);
  }
  r.weights = onednn::any_layout(onednn::extents(p.packed_layout()), r.type);
  r.dst = onednn::any_layout(phase_extents(r, input), b.output_type());
  const Forward first = describe(b, r);
  r.order = onednn::order_of(first.dst_desc()).value_or(Order::kPlain);
  const std::int64_t block = block_of(r.order);
  p.padded_outputs = (p.group_outputs + block - 1) / block * block;
  r.weights = onednn::any_layout(onednn::extents(p.packed_layout()), r.type);
  r.dst = onednn::ordered_layout(phase_extents(r, input), r.order, b.output_type());
  return r.dst == first.dst_desc() ? first : describe(b, r);
}

// The output takes the phases' order, unless its blocks would hold channels of two groups.
Order output_order(const Recorded& r) {
  const PhasePacking& p = r.of.packing;
  return p.groups > 1 && p.padded_outputs != p.group_outputs ? Order::kChannelsLast : r.order;
}

Value packed_weight(PlanBuilder& b, const PhasePacking& p) {
  const Value stored = b.parameter("weight", p.stored_layout());
  if (p.is_identity()) return b.view(stored, p.packed_layout());
  return b.made_of_parameters(
      "phase weights", stored, p.packed_layout(), [p](std::span<void* const> storage) {
        p.pack(static_cast<const float*>(storage[0]), static_cast<float*>(storage[1]));
      });
}

HostFunction interleaving_step(const Recorded& r) {
  return with_number_of(r.dst, [&](auto number) -> HostFunction {
    using Number = decltype(number);
    return [g = r.interleaving](std::span<void* const> storage) {
      interleave(g, static_cast<const Number*>(storage[0]),
                 storage.size() > 2 ? static_cast<const float*>(storage[2]) : nullptr,
                 static_cast<Number*>(storage[1]));
    };
  });
}

void forward(PlanBuilder& b, Recorded& r) {
  const Forward descriptor = describe(b, r);
  const Value phases = b.produce(r.dst);
  r.weight = packed_weight(b, r.of.packing);
  r.x = b.in_layout(b.input(), descriptor.src_desc());
  b.step<dnnl::convolution_forward>(
      "phase convolution", descriptor,
      {{DNNL_ARG_SRC, r.x},
       {DNNL_ARG_WEIGHTS, b.parameter_in_layout(r.weight, descriptor.weights_desc())},
       {DNNL_ARG_DST, phases}});
  r.y = b.produce(
      onednn::ordered_layout(r.of.output.extents(), output_order(r), onednn::data_type(r.dst)));
  std::vector<Argument> arguments{{DNNL_ARG_SRC, phases}, {DNNL_ARG_DST, r.y}};
  if (has_bias(r.bias)) arguments.push_back({DNNL_ARG_BIAS, b.parameter("bias", r.bias)});
  b.host_step(b.with_followers("interleave"), "lucid:interleave", std::move(arguments),
              interleaving_step(r));
  b.set_output(r.y);
}

HostFunction deinterleaving_step(const Recorded& r, const Interleaving& g) {
  return with_number_of(r.dst, [&](auto number) -> HostFunction {
    using Number = decltype(number);
    return [g, channels = r.of.output[1]](std::span<void* const> storage) {
      deinterleave(g, static_cast<const Number*>(storage[0]),
                   static_cast<const Number*>(storage[1]), static_cast<Number*>(storage[2]),
                   {static_cast<float*>(storage[3]),
                    storage.size() > 4 ? static_cast<float*>(storage[4]) : nullptr, channels});
    };
  });
}

// The gradient of the phases; records that of the bias on the way.
Value phase_gradient(PlanBuilder& b, const Recorded& r) {
  Interleaving g = r.interleaving;
  if (b.relu_is_undone()) g.applies_relu = false;
  const Value dy = b.output_gradient(b.layout(r.y)), phases = b.produce(r.dst);
  const Value sums = b.produce(onednn::plain_layout(Dims{g.partial_sums()}));
  std::vector<Argument> arguments{{DNNL_ARG_SRC, g.applies_relu ? r.y : dy},
                                  {DNNL_ARG_DIFF_DST, dy},
                                  {DNNL_ARG_DIFF_SRC, phases},
                                  {DNNL_ARG_WORKSPACE, sums}};
  Value db;
  if (has_bias(r.bias)) arguments.push_back({DNNL_ARG_DIFF_BIAS, db = b.produce(r.bias)});
  b.host_step("phases of the gradient", "lucid:interleave", std::move(arguments),
              deinterleaving_step(r, g));
  if (db) b.set_parameter_gradient("bias", db);
  return phases;
}

// What products read of the phases' gradient.
Layout gradient_layout(const Recorded& r) {
  return onednn::any_layout(onednn::extents(r.dst), r.type);
}

void weight_gradient(PlanBuilder& b, const Recorded& r, Value dz) {
  const PhasePacking& p = r.of.packing;
  const Convolution convolution{r.src,         onednn::any_layout(onednn::extents(r.weights)),
                                Layout(),      gradient_layout(r),
                                Dims{1, 1, 1}, r.dilation,
                                r.pad_low,     r.pad_high};
  const Value dw =
      record_weight_gradient(b, "phase", convolution, describe(b, r), r.x, b.input(), dz).weight;
  const Value packed = b.in_layout(dw, p.packed_layout());
  if (p.is_identity()) {
    b.set_parameter_gradient("weight", b.view(packed, p.stored_layout()));
    return;
  }
  const Value stored = b.produce(p.stored_layout());
  b.host_step("gradient of phase weights", "lucid",
              {{DNNL_ARG_DIFF_DST, packed}, {DNNL_ARG_DIFF_WEIGHTS, stored}},
              [p](std::span<void* const> storage) {
                p.unpack(static_cast<const float*>(storage[0]), static_cast<float*>(storage[1]));
              });
  b.set_parameter_gradient("weight", stored);
}

void input_gradient(PlanBuilder& b, const Recorded& r, const Forward& hint, Value dz) {
  const auto descriptor = onednn::describe_backward<dnnl::convolution_backward_data>(
      b.device(), b.attributes(), hint, dnnl::algorithm::convolution_direct, r.src_gradient,
      r.weights, gradient_layout(r), Dims{1, 1, 1}, r.dilation, r.pad_low, r.pad_high);
  const Value dx = b.produce(descriptor.diff_src_desc());
  b.step<dnnl::convolution_backward_data>(
      "phase input gradient", descriptor,
      {{DNNL_ARG_DIFF_DST, b.in_layout(dz, descriptor.diff_dst_desc())},
       {DNNL_ARG_WEIGHTS, b.parameter_in_layout(r.weight, descriptor.weights_desc())},
       {DNNL_ARG_DIFF_SRC, dx}});
  b.set_input_gradient(dx);
}

}  // namespace

Backward compile_phase_convolution(PlanBuilder& b, const PhaseConvolution& convolution,
                                   const Layout& bias) {
  Recorded r(convolution, bias);
  const Forward hint = choose_layouts(b, r);
  r.interleaving =
      interleaving_of({r.of.packing, r.of.stride, r.of.padding, onednn::shape_of(r.dst),
                       r.of.output, r.order, output_order(r), b.relu_follows(), b.relu_slope()});
  forward(b, r);
  if (!b.training()) return {};
  return [r, hint](PlanBuilder& back) {
    const Value dz = phase_gradient(back, r);
    if (back.needs_parameter_gradient("weight")) weight_gradient(back, r, dz);
    if (back.needs_input_gradient()) input_gradient(back, r, hint, dz);
  };
}

}  // namespace lucid
