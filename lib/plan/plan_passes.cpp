#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/stopwatch.h"
#include "plan/plan.h"

namespace lucid {
namespace {

// True for a step's output whose elements may be infinite or NaN.
bool is_checked(const Argument& argument, const Layout& layout) {
  const onednn::Type type = onednn::data_type(layout);
  return (argument.key == DNNL_ARG_DST || argument.is(Slot::kY)) &&
         (type == onednn::kFloat || type == onednn::kBfloat16);
}

bool is_finite(Engine& engine, const Tensor& tensor) {
  const auto check = [](float value) { return std::isfinite(value); };
  if (onednn::data_type(tensor.layout()) == onednn::kBfloat16)
    return std::ranges::all_of(tensor.plain_values(engine), check);
  return std::ranges::all_of(tensor.values(), check);
}

}  // namespace

void Plan::run(BoundStep& step) {
  const auto execute = [&] {
    if (step.host)
      step.host({step.arguments, step.storage});
    else
      step.call.run(engine_->stream());
  };
  if (!is_measuring_) {
    execute();
    return;
  }
  const Stopwatch watch;
  execute();
  engine_->stream().wait();
  step.report.seconds += watch.seconds();
}

void Plan::set_random_state(const RandomState& state) {
  if (random_state_) std::memcpy(random_state_.memory().get_data_handle(), &state, sizeof state);
}

void Plan::prepare() {
  if (prepared_version_ == parameters_->version()) return;
  for (BoundStep& step : prepare_steps_) run(step);
  prepared_version_ = parameters_->version();
}

void Plan::forward(const Watch& watch) {
  prepare();
  auto output = node_outputs_.begin();
  for (std::size_t done = 0; done <= forward_steps_.size(); ++done) {
    for (; output != node_outputs_.end() && output->steps == done; ++output)
      watch(output->node, output->tensor);
    if (done == forward_steps_.size()) break;
    run(forward_steps_[done]);
    engine_->stream().wait();
  }
}

void Plan::forward() {
  start(Direction::kForward);
  while (run_on()) continue;
}

void Plan::backward(const Completed& completed) {
  start(Direction::kBackward);
  while (run_on(completed)) continue;
}

void Plan::start(Direction direction) {
  if (direction == Direction::kForward) prepare();
  direction_ = direction;
  next_step_ = 0;
}

bool Plan::run_on(const Completed& completed) {
  std::vector<BoundStep>& steps =
      direction_ == Direction::kForward ? forward_steps_ : backward_steps_;
  const bool tells = completed && direction_ == Direction::kBackward;
  while (next_step_ < steps.size()) {
    const std::size_t at = next_step_++;
    run(steps[at]);
    if (tells && completed_gradients_[at] > (at == 0 ? 0 : completed_gradients_[at - 1])) {
      engine_->stream().wait();
      completed(completed_gradients_[at]);
    }
    if (!steps[at].synchronization) continue;
    engine_->stream().wait();
    return true;
  }
  engine_->stream().wait();
  if (direction_ == Direction::kForward && is_training())
    parameters_->touch();  // running statistics moved
  return false;
}

void Plan::give(std::vector<double>& own) const {
  const BoundStep& step = steps(direction_)[next_step_ - 1];
  step.synchronization.give({step.arguments, step.storage}, own);
}

void Plan::take(std::span<const double> of_all) const {
  const BoundStep& step = steps(direction_)[next_step_ - 1];
  step.synchronization.take({step.arguments, step.storage}, of_all);
}

std::size_t Plan::synchronizations(Direction direction) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      steps(direction), [](const BoundStep& s) { return static_cast<bool>(s.synchronization); }));
}

std::optional<std::string> Plan::first_non_finite_node() {
  for (BoundStep& step : prepare_steps_) run(step);
  for (BoundStep& step : forward_steps_) {
    run(step);
    engine_->stream().wait();
    for (std::size_t i = 0; i < step.arguments.size(); ++i)
      if (is_checked(step.arguments[i], step.tensors[i].layout()) &&
          !is_finite(*engine_, step.tensors[i]))
        return step.report.node;
  }
  return std::nullopt;
}

}  // namespace lucid
