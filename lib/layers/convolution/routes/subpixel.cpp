#include "layers/convolution/routes/subpixel.h"

#include "kernels/elementwise/channel_sums.h"
#include "layers/convolution/routes/onednn.h"
#include "layers/convolution/subpixel/products.h"
#include "layers/layer/channel_order.h"
#include "layers/layer/elements.h"
#include "layers/weighted/weighted.h"

namespace lucid {
namespace {

using onednn::Dims;

// Products of all phases in one convolution over those of one for each phase, from which on the
// latter pay: measured with kernels of 2 to 5 and strides of 2 and 3.
constexpr double kUnequal = 1.25;
constexpr double kByPhaseCost = 0.5, kTogetherCost = 0.6;

bool fills_blocks(const Problem& p, const Machine& machine) {
  return p.groups == 1 ||
         (p.group_inputs % machine.lanes() == 0 && p.group_outputs % machine.lanes() == 0);
}

const char* why_not_by_phase(const Problem& p, const Machine& machine) {
  if (!p.is_float()) return "not in float32";
  if (p.is_dilated()) return "dilated";
  if (!fills_blocks(p, machine)) return "groups that do not fit blocks";
  const PhasePacking packing(p);
  const auto together = static_cast<double>(packing.shifts() * packing.phases());
  if (together < kUnequal * static_cast<double>(packing.taps())) return "phases of equal kernels";
  const PhaseProducts products(p, PhaseSplit::kByPhase, *machine.library);
  return products.is_native(*machine.library) ? nullptr : "oneDNN lacks a kernel for a phase";
}

// A strided convolution's input gradient goes this way where oneDNN has no kernel of its own.
const char* why_not_strided(const Problem& p, Pass pass, const Machine& machine) {
  if (pass != Pass::kInputGradient || !p.is_strided())
    return "neither transposed nor the input gradient of a strided convolution";
  if (!p.is_float()) return "not in float32";
  const Quality quality = machine.library->quality(p, pass);
  const bool is_fast = quality != Quality::kGemm && quality != Quality::kReference;
  return is_fast ? "oneDNN has a kernel of its own" : nullptr;
}

Verdict judge_by_phase(const Problem& p, Pass pass, const Layouts&, const Machine& machine) {
  if (!p.is_transposed)
    if (const char* reason = why_not_strided(p, pass, machine)) return impossible(reason);
  const char* reason = why_not_by_phase(p.is_transposed ? p : transposed(p), machine);
  return reason != nullptr ? impossible(reason) : Verdict{nullptr, kByPhaseCost};
}

Verdict judge_together(const Problem& p, Pass pass, const Layouts&, const Machine& machine) {
  if (p.is_transposed) return {nullptr, kTogetherCost};
  if (const char* reason = why_not_strided(p, pass, machine)) return impossible(reason);
  const PhaseProducts products(transposed(p), PhaseSplit::kTogether, *machine.library);
  if (!products.is_native(*machine.library)) return impossible("oneDNN lacks a kernel for phases");
  return {nullptr, kTogetherCost};
}

PhaseProducts products_of(const Problem& p, PhaseSplit split, const Operands& operands) {
  return {p, split, *operands.machine.library};
}

Recorded record_forward(PlanBuilder& b, const Problem& p, PhaseSplit split,
                        const Operands& operands) {
  const PhaseProducts products = products_of(p, split, operands);
  const Layout stored = products.parts().front().packing.stored_layout();
  const PhaseValues values = products.record(b, operands.x, operands.weight(stored));
  Recorded recorded;
  recorded.x = values.x;
  recorded.y = products.record_output(b, operands.step, values.phases, bias_of(b, p));
  recorded.handover.value = values.weight;
  return recorded;
}

Recorded record_strided(PlanBuilder& b, const Problem& p, PhaseSplit split,
                        const Operands& operands) {
  const PhaseProducts products = products_of(transposed(p), split, operands);
  const Layout stored = products.parts().front().packing.grouped_layout();
  const Value phases = products.record(b, operands.dy, operands.weight(stored)).phases;
  Recorded recorded;
  recorded.dx = products.record_output(b, "interleave", phases, {});
  return recorded;
}

Value bias_gradient(PlanBuilder& b, const Problem& p, Value dy) {
  const ChannelRuns runs = runs_of(b.layout(dy));
  const Value sums = b.produce(p.bias_layout());
  const Value partials = b.produce(onednn::plain_layout(Dims{channel_sum_partials(runs)}));
  b.host_step("bias gradient", "lucid:channel_sums",
              {reads(Slot::kDy, dy), writes(Slot::kWorkspace, partials), writes(Slot::kDb, sums)},
              [runs](const StepArguments& step) {
                channel_sums(runs, step.in(Slot::kDy), step.out(Slot::kWorkspace),
                             step.out(Slot::kDb));
              });
  return sums;
}

// The gradient of y from before the ReLU, which both backward passes by phase read.
Value by_phase_gradient(PlanBuilder& b, const Operands& operands) {
  const Value made = operands.from_weight_gradient.of(kSubpixelByPhaseRoute);
  return made ? made : gradient_before_relu(b, b.layout(operands.y), operands.y);
}

// Reads and writes change places: the adjoint convolution reads the gradient of y.
Recorded by_phase_weight_gradient(PlanBuilder& b, const Problem& p, const Operands& operands) {
  const Value dy = by_phase_gradient(b, operands);
  Recorded recorded;
  if (p.has_bias && b.needs_parameter_gradient("bias")) recorded.db = bias_gradient(b, p, dy);
  if (b.needs_parameter_gradient("weight")) {
    Operands reversed = operands;
    reversed.x = dy;
    reversed.dy = operands.input;
    reversed.input = {};
    reversed.step = "transposed weight gradient";
    recorded.dw =
        operands.routes->record(b, adjoint(p), Pass::kWeightGradient, std::move(reversed)).dw;
  }
  recorded.handover.value = dy;
  return recorded;
}

// The adjoint convolution is left to oneDNN: no other route has been measured there.
Recorded by_phase_input_gradient(PlanBuilder& b, const Problem& p, const Operands& operands) {
  Operands reversed = operands;
  reversed.x = by_phase_gradient(b, operands);
  reversed.step = "transposed input gradient";
  Recorded recorded;
  recorded.dx = kOneDnnRoute.record(b, adjoint(p), Pass::kForward, reversed).y;
  return recorded;
}

HostFunction deinterleaving_step(const Layout& phases, const Interleaving& g,
                                 std::int64_t channels) {
  return with_element_type(phases, [&](auto element) -> HostFunction {
    using Element = decltype(element);
    return [g, channels](const StepArguments& step) {
      deinterleave(g, step.in<Element>(Slot::kY), step.in<Element>(Slot::kDy),
                   step.out<Element>(Slot::kDx),
                   {step.out(Slot::kWorkspace), step.maybe_out(Slot::kDb), channels});
    };
  });
}

// Records the gradient of all phases from that of y, behind the ReLU, and the bias gradient with
// it.
Recorded phase_gradient(PlanBuilder& b, const Problem& p, const PhaseProducts& products,
                        const Operands& operands) {
  Interleaving g = products.interleaving();
  if (b.relu_backward_is_folded()) g.applies_relu = false;
  const Problem& part = products.parts().front().problem;
  const Layout phases = onednn::ordered_layout(part.y_extents(), *part.written_order, part.written);
  const Layout voxels = onednn::ordered_layout(p.y_extents(), products.output_order(), p.written);
  const Value dy = b.in_layout(operands.dy, voxels), dz = b.produce(phases);
  const Value y = g.applies_relu ? b.in_layout(operands.y, voxels) : dy;
  const Value sums = b.produce(onednn::plain_layout(Dims{g.partial_sums()}));
  std::vector<Argument> arguments{reads(Slot::kY, y), reads(Slot::kDy, dy), writes(Slot::kDx, dz),
                                  writes(Slot::kWorkspace, sums)};
  Recorded recorded;
  if (p.has_bias) arguments.push_back(writes(Slot::kDb, recorded.db = b.produce(p.bias_layout())));
  b.host_step("phases of the gradient", "lucid:interleave", std::move(arguments),
              deinterleaving_step(phases, g, p.outputs()));
  recorded.handover.value = dz;
  return recorded;
}

Value unpacked(PlanBuilder& b, const PhasePacking& p, Value dw) {
  const Value packed = b.in_layout(dw, p.packed_layout());
  if (p.is_identity()) return b.view(packed, p.stored_layout());
  const Value stored = b.produce(p.stored_layout());
  b.host_step("gradient of phase weights", "lucid",
              {reads(Slot::kX, packed), writes(Slot::kDw, stored)},
              [p](const StepArguments& step) { p.unpack(step.in(Slot::kX), step.out(Slot::kDw)); });
  return stored;
}

Recorded together_weight_gradient(PlanBuilder& b, const Problem& p, const Operands& operands) {
  const PhaseProducts products = products_of(p, PhaseSplit::kTogether, operands);
  const PhasePart& part = products.parts().front();
  Recorded recorded = phase_gradient(b, p, products, operands);
  if (!b.needs_parameter_gradient("weight")) return recorded;
  Operands of_phases = operands;
  of_phases.dy = recorded.handover.value;
  of_phases.step = "phase weight gradient";
  const Value dw =
      operands.routes->record(b, part.problem, Pass::kWeightGradient, std::move(of_phases)).dw;
  recorded.dw = unpacked(b, part.packing, dw);
  return recorded;
}

Recorded together_input_gradient(PlanBuilder& b, const Problem& p, const Operands& operands) {
  const PhaseProducts products = products_of(p, PhaseSplit::kTogether, operands);
  const PhasePart& part = products.parts().front();
  Operands of_phases = operands;
  of_phases.dy = operands.from_weight_gradient.of(kSubpixelRoute);
  if (!of_phases.dy) of_phases.dy = phase_gradient(b, p, products, operands).handover.value;
  of_phases.step = "phase input gradient";
  Value weight = operands.from_forward.of(kSubpixelRoute);
  if (!weight)
    weight = products.packed_weight(b, part, operands.weight(part.packing.stored_layout()));
  of_phases.weight = [&b, weight](const Layout& layout) {
    return b.parameter_in_layout(weight, layout);
  };
  return kOneDnnRoute.record(b, part.problem, Pass::kInputGradient, of_phases);
}

Recorded from(const Route& route, Recorded recorded) {
  recorded.handover.from = &route;
  return recorded;
}

Recorded record_by_phase(PlanBuilder& b, const Problem& p, Pass pass, const Operands& operands) {
  constexpr PhaseSplit kSplit = PhaseSplit::kByPhase;
  const auto record = [&] {
    if (!p.is_transposed) return record_strided(b, p, kSplit, operands);
    if (pass == Pass::kForward) return record_forward(b, p, kSplit, operands);
    if (pass == Pass::kWeightGradient) return by_phase_weight_gradient(b, p, operands);
    return by_phase_input_gradient(b, p, operands);
  };
  return from(kSubpixelByPhaseRoute, record());
}

Recorded record_together(PlanBuilder& b, const Problem& p, Pass pass, const Operands& operands) {
  constexpr PhaseSplit kSplit = PhaseSplit::kTogether;
  const auto record = [&] {
    if (!p.is_transposed) return record_strided(b, p, kSplit, operands);
    if (pass == Pass::kForward) return record_forward(b, p, kSplit, operands);
    if (pass == Pass::kWeightGradient) return together_weight_gradient(b, p, operands);
    return together_input_gradient(b, p, operands);
  };
  return from(kSubpixelRoute, record());
}

}  // namespace

const Route kSubpixelByPhaseRoute{"subpixel_by_phase", judge_by_phase, record_by_phase};
const Route kSubpixelRoute{"subpixel", judge_together, record_together};

}  // namespace lucid
