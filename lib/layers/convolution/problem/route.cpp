#include "layers/convolution/problem/route.h"

#include <algorithm>
#include <stdexcept>

namespace lucid {
namespace {

RouteChoice note_of(std::span<const Route> list, const Choice& choice, Pass pass) {
  RouteChoice note{{}, pass, choice.route->name, {}};
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Verdict& verdict = choice.verdicts[i];
    note.verdicts.push_back(
        {list[i].name, verdict.why_not == nullptr ? "" : verdict.why_not, verdict.cost});
  }
  return note;
}

Layouts layouts_of(const PlanBuilder& b, const Operands& operands) {
  const auto layout = [&](Value value) { return value ? b.layout(value) : Layout(); };
  return {layout(operands.x), layout(operands.input)};
}

}  // namespace

Choice Routes::choose(const Problem& problem, Pass pass, const Layouts& given,
                      const Machine& machine, std::string_view forced) const {
  Choice best;
  for (const Route& route : list_) {
    const Verdict verdict = route.judge(problem, pass, given, machine);
    best.verdicts.push_back(verdict);
    if (verdict.why_not != nullptr) continue;
    const bool is_first = best.route == nullptr,
               was_forced = !is_first && best.route->name == forced;
    if (is_first || route.name == forced || (!was_forced && verdict.cost < best.verdict.cost)) {
      best.route = &route;
      best.verdict = verdict;
    }
  }
  if (best.route == nullptr) throw std::logic_error("no route computes the convolution");
  return best;
}

Choice Routes::choose_for(PlanBuilder& b, const Problem& problem, Pass pass,
                          const Layouts& given) const {
  const OneDnn library(b.device());
  return choose(problem, pass, given, this_machine(library), b.forced_route(pass));
}

Layouts Routes::unforced(PlanBuilder& b, const Problem& problem, const Layout& input,
                         const Operands& operands) const {
  const Layouts given = layouts_of(b, operands);
  if (b.forced_route(Pass::kForward).empty()) return given;
  const OneDnn library(b.device());
  const auto order =
      choose(problem, Pass::kForward, {input, input}, this_machine(library)).verdict.reads;
  if (!order) return given;
  return {onednn::ordered_layout(problem.x_extents(), *order, problem.read), given.input};
}

Recorded Routes::record(PlanBuilder& b, const Problem& problem, Pass pass,
                        Operands operands) const {
  const Layouts given = layouts_of(b, operands);
  return record(b, problem, pass, std::move(operands), given);
}

Recorded Routes::record(PlanBuilder& b, const Problem& problem, Pass pass, Operands operands,
                        const Layouts& judged) const {
  const OneDnn library(b.device());
  operands.machine = this_machine(library);
  operands.routes = this;
  const Choice choice = choose(problem, pass, judged, operands.machine, b.forced_route(pass));
  b.note_choice(note_of(list_, choice, pass));
  const std::size_t first = b.step_count();
  Recorded recorded = choice.route->record(b, problem, pass, operands);
  b.label_steps(first, pass, choice.route->name);
  return recorded;
}

Value bias_of(PlanBuilder& b, const Problem& problem) {
  return problem.has_bias ? b.parameter("bias", problem.bias_layout()) : Value{};
}

Value workspace(PlanBuilder& b, std::int64_t floats) {
  return b.produce(onednn::plain_layout(onednn::Dims{floats}));
}

void fill_whole_bias(const StepArguments& step, std::int64_t outputs, std::int64_t whole,
                     float* to) {
  const float* const bias = step.maybe(Slot::kBias);
  if (bias != nullptr) std::copy_n(bias, outputs, to);
  std::fill(bias == nullptr ? to : to + outputs, to + whole, 0.F);
}

bool pads_beyond_kernel(const Problem& p) {
  for (std::size_t i = 0; i < 3; ++i)
    if (std::max(p.pad_low[i], p.pad_high[i]) > (p.kernel[i] - 1) * p.dilation[i]) return true;
  return false;
}

float epilogue_slope(const Problem& problem) { return problem.relu_slope.value_or(1.F); }

Value in_order(PlanBuilder& b, Value value, Value other, onednn::Order order) {
  const auto is_in = [&](Value each) { return each && onednn::order_of(b.layout(each)) == order; };
  return !is_in(value) && is_in(other) ? other : value;
}

}  // namespace lucid
