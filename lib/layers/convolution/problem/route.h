#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "layers/convolution/problem/fused_pool.h"
#include "layers/convolution/problem/machine.h"
#include "plan/builder.h"

namespace lucid {

// The layouts of what a pass may read: x as the forward pass read it, and the layer's input as its
// producer wrote it, which is empty where it is no float or was padded. Before the forward pass
// both are the input's.
struct Layouts {
  Layout x, input;
};

// A cost that no other route exceeds: the route is possible, but has not been seen to pay.
inline constexpr double kDoesNotPay = 1000;

inline constexpr double kCostOfOneDnn = 1;

// One route's answer for a pass. Costs only compare the routes of one pass.
struct Verdict {
  const char* why_not = nullptr;  // null where the route is possible
  double cost = kCostOfOneDnn;
  std::optional<onednn::Order> reads{};  // forward: the order in which it reads x
};

inline Verdict impossible(const char* why_not) { return {why_not, kDoesNotPay, {}}; }

class Routes;

struct Route;

// A value that a pass leaves for later passes of the same layer. Only the route that made it knows
// what it is.
struct Handover {
  const Route* from = nullptr;
  Value value;

  // The value where that route made it, else an empty one.
  Value of(const Route& route) const { return from == &route ? value : Value{}; }
};

// The values of a pass, and the name of its main step. Routes read `x` or `input`, whichever has
// the order that they want; the backward ones also `dy`, and may read `y`. dy is the gradient from
// before the epilogue's ReLU, but from behind it for a transposed convolution.
struct Operands {
  Value x, input, y, dy;
  // In place of dy for a route that reads it so: the gradient behind ReLU and pooling.
  std::optional<PooledGradient> pooled_dy{};
  // The weight in a layout of Problem::weight_extents(), or as PyTorch shapes it.
  std::function<Value(const Layout&)> weight;
  Handover from_forward{}, from_weight_gradient{};
  std::string step;
  const Routes* routes = nullptr;  // for routes that leave a pass to others
  Machine machine{};
};

// Holds what a route recorded: x as it was read and y of a forward pass, the gradients of a
// backward one.
struct Recorded {
  Value x, y, dx, dw, db;
  Handover handover{};
  std::optional<FusedPool> pool{};  // if the forward pass took it over: y is pooled
};

// A way to compute some passes of some convolutions. judge() is a pure function.
struct Route {
  const char* name;
  Verdict (*judge)(const Problem& problem, Pass pass, const Layouts& given, const Machine& machine);
  Recorded (*record)(PlanBuilder& b, const Problem& problem, Pass pass, const Operands& operands);
  // Its weight gradient can be computed from Operands::pooled_dy.
  bool reads_pooled_gradient = false;
};

// The record() of a route that has a function for each pass.
using RecordPass = Recorded (*)(PlanBuilder& b, const Problem& problem, const Operands& operands);
template <RecordPass kForward, RecordPass kWeightGradient, RecordPass kInputGradient>
Recorded record_by_pass(PlanBuilder& b, const Problem& problem, Pass pass,
                        const Operands& operands) {
  if (pass == Pass::kForward) return kForward(b, problem, operands);
  if (pass == Pass::kWeightGradient) return kWeightGradient(b, problem, operands);
  return kInputGradient(b, problem, operands);
}

struct Choice {
  const Route* route = nullptr;
  Verdict verdict;
  std::vector<Verdict> verdicts{};  // of all routes, in the order of the list
};

// A list of routes, and the one place that chooses among them.
class Routes {
 public:
  explicit Routes(std::span<const Route> list) : list_(list) {}

  std::span<const Route> list() const { return list_; }
  // The possible route of the least cost, the first of equal ones; the forced one where that is
  // possible. Throws std::logic_error where nothing is possible, which oneDNN's route rules out.
  Choice choose(const Problem& problem, Pass pass, const Layouts& given, const Machine& machine,
                std::string_view forced = {}) const;
  // The same for this machine and the plan that is being built.
  Choice choose_for(PlanBuilder& b, const Problem& problem, Pass pass, const Layouts& given) const;
  // The layouts by which the backward passes are judged: those that the forward pass would have
  // left had its route not been forced, so that forcing one pass does not change another.
  Layouts unforced(PlanBuilder& b, const Problem& problem, const Layout& input,
                   const Operands& operands) const;
  // Chooses for the plan that is being built, notes the choice there, and records the pass.
  // `judged` stands for the operands' own layouts where the choice must not follow from them.
  Recorded record(PlanBuilder& b, const Problem& problem, Pass pass, Operands operands) const;
  Recorded record(PlanBuilder& b, const Problem& problem, Pass pass, Operands operands,
                  const Layouts& judged) const;

 private:
  std::span<const Route> list_;
};

// The bias parameter of the layer in plain layout, or an empty value where it has none.
Value bias_of(PlanBuilder& b, const Problem& problem);
// So many floats that a step writes and nobody reads later.
Value workspace(PlanBuilder& b, std::int64_t floats);
// Copies the step's bias, or zeros where it has none, to as many channels as whole blocks have.
void fill_whole_bias(const StepArguments& step, std::int64_t outputs, std::int64_t whole,
                     float* to);
// The input gradient of such a convolution would have to crop.
bool pads_beyond_kernel(const Problem& problem);
// The slope below 0 of a kernel's epilogue: 1 where no ReLU follows.
float epilogue_slope(const Problem& problem);
// The value itself if it is in that order, else the other one if that is, else the value.
Value in_order(PlanBuilder& b, Value value, Value other, onednn::Order order);

}  // namespace lucid
