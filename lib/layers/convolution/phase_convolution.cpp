#include "layers/convolution/phase_convolution.h"

#include "layers/convolution/transposed_gradients.h"
#include "layers/convolution/weight_gradient.h"
#include "layers/layer/elements.h"
#include "layers/weighted/weighted.h"

namespace lucid {
namespace {

using onednn::Dims;

// What the way back needs of a convolution over all phases.
struct Recorded {
  PhaseProducts products;
  Interleaving interleaving;
  Layout bias;
  onednn::Type input_gradient;
  PhaseValues values;
  Value input, y;

  const PhasePart& part() const { return products.parts().front(); }
};

Recorded forward(PlanBuilder& b, PhaseProducts products, const Layout& bias) {
  Recorded r{std::move(products), {}, bias, onednn::data_type(b.layout(b.input())), {},
             b.input(),           {}};
  r.interleaving = r.products.interleaving();
  r.interleaving.applies_relu = b.relu_follows();
  r.interleaving.relu_slope = b.relu_slope();
  const Value weight = b.parameter("weight", r.part().packing.stored_layout());
  r.values = r.products.record(b, b.input(), weight);
  r.y = r.products.record_output(b, b.with_followers("interleave"), r.interleaving, r.values.phases,
                                 has_bias(bias) ? b.parameter("bias", bias) : Value{});
  b.set_output(r.y);
  return r;
}

PositionalFunction deinterleaving_step(const Recorded& r, const Interleaving& g) {
  return with_number_of(r.part().dst, [&](auto number) -> PositionalFunction {
    using Number = decltype(number);
    return [g, channels = r.products.of().output[1]](std::span<void* const> storage) {
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
  const Value dy = b.output_gradient(b.layout(r.y)), phases = b.produce(r.part().dst);
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
Layout gradient_layout(const PhasePart& part) {
  return onednn::any_layout(onednn::extents(part.dst), onednn::data_type(part.src));
}

void weight_gradient(PlanBuilder& b, const Recorded& r, Value dz) {
  const PhasePart& part = r.part();
  const PhasePacking& p = part.packing;
  const Convolution convolution{part.src,      onednn::any_layout(onednn::extents(part.weights)),
                                Layout(),      gradient_layout(part),
                                Dims{1, 1, 1}, part.dilation,
                                part.pad_low,  part.pad_high};
  const Value dw =
      record_weight_gradient(b, "phase", convolution, part.descriptor, r.values.x, r.input, dz)
          .weight;
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

void input_gradient(PlanBuilder& b, const Recorded& r, Value dz) {
  const PhasePart& part = r.part();
  const auto descriptor = onednn::describe_backward<dnnl::convolution_backward_data>(
      b.device(), b.attributes(), part.descriptor, dnnl::algorithm::convolution_direct,
      onednn::any_layout(r.products.of().input.extents(), r.input_gradient), part.weights,
      gradient_layout(part), Dims{1, 1, 1}, part.dilation, part.pad_low, part.pad_high);
  const Value dx = b.produce(descriptor.diff_src_desc());
  b.step<dnnl::convolution_backward_data>(
      "phase input gradient", descriptor,
      {{DNNL_ARG_DIFF_DST, b.in_layout(dz, descriptor.diff_dst_desc())},
       {DNNL_ARG_WEIGHTS, b.parameter_in_layout(r.values.weight, descriptor.weights_desc())},
       {DNNL_ARG_DIFF_SRC, dx}});
  b.set_input_gradient(dx);
}

// By all phases together.
Backward way_back(const Recorded& r) {
  return [r](PlanBuilder& back) {
    const Value dz = phase_gradient(back, r);
    if (back.needs_parameter_gradient("weight")) weight_gradient(back, r, dz);
    if (back.needs_input_gradient()) input_gradient(back, r, dz);
  };
}

}  // namespace

Backward compile_phase_convolution(PlanBuilder& b, const PhaseConvolution& of, const Layout& bias) {
  const bool is_float = b.product_type() == onednn::kFloat && b.output_type() == onednn::kFloat;
  if (const auto apart = is_float ? PhaseProducts::apart(b, of) : std::nullopt) {
    const Recorded r = forward(b, *apart, bias);
    if (!b.training()) return {};
    return [r](PlanBuilder& back) {
      record_transposed_gradients(back, r.products.of(), r.bias, {r.input, r.y});
    };
  }
  const Recorded r =
      forward(b, PhaseProducts::together(b, of, {b.product_type(), b.output_type()}), bias);
  return b.training() ? way_back(r) : Backward();
}

}  // namespace lucid
