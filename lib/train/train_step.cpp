#include "train/train_step.h"

#include <limits>

#include "base/text.h"
#include "train/divergence.h"
#include "train/optimizer/clip_gradients.h"

namespace lucid {
namespace {

// Restores the buffers of a model, such as a norm's running statistics, when it is destroyed.
class KeptBuffers {
 public:
  explicit KeptBuffers(Parameters& parameters) : parameters_(parameters) {
    for (Parameter& parameter : parameters_)
      if (parameter.is_buffer)
        kept_.emplace_back(parameter.value.values().begin(), parameter.value.values().end());
  }
  ~KeptBuffers() {
    auto kept = kept_.begin();
    for (Parameter& parameter : parameters_)
      if (parameter.is_buffer) std::ranges::copy(*kept++, parameter.value.values().begin());
  }
  KeptBuffers(const KeptBuffers&) = delete;
  KeptBuffers& operator=(const KeptBuffers&) = delete;

 private:
  Parameters& parameters_;
  std::vector<std::vector<float>> kept_;
};

}  // namespace

void TrainStep::begin(std::span<const Batch* const> batches, const RandomState& state) {
  whole_.clear();
  sums_.clear();
  is_first_ = true;
  if (batches.size() < 2) return;
  if (session_.config().objective->whole_needs_predictions()) return predict_whole(batches, state);
  for (const Batch* batch : batches) weigh(*batch);
}

// Makes shapes only where the batch size changes, as a step allocates nothing.
void TrainStep::weigh(const Batch& batch) {
  const auto size = static_cast<Shape::Extent>(batch.size);
  if (weighed_.empty() || weighed_.front()[0] != size) {
    weighed_ = output_shapes(session_.model().graph());
    for (Shape& shape : weighed_) shape = shape.with_batch(size);
  }
  session_.config().objective->weigh(weighed_, batch.targets, batch_sums_);
  whole_ += batch_sums_;
}

// A loss over the whole batch is not known, nor is its gradient, before all of it was predicted.
// The forward passes of add() are the same as these.
void TrainStep::predict_whole(std::span<const Batch* const> batches, RandomState state) {
  const KeptBuffers kept(session_.model().parameters());
  for (const Batch* batch : batches) {
    forward(*batch, state);
    std::vector<OutputValues> outputs = outputs_;
    for (OutputValues& output : outputs) output.gradient = {};
    session_.config().objective->differentiate(outputs, batch->targets, {}, batch_sums_);
    whole_ += batch_sums_;
    ++state.draw;
  }
}

void TrainStep::forward(const Batch& batch, const RandomState& state) {
  const auto size = static_cast<Shape::Extent>(batch.size);
  Plan& plan = session_.training_plan(size);
  if (&plan != plan_) outputs_ = output_values(plan, session_.model().graph(), size);
  plan_ = &plan;
  std::ranges::copy(batch.samples, plan_->input().values().begin());
  plan_->set_random_state(state);
  plan_->forward();
}

void TrainStep::add(const Batch& batch, const RandomState& state) {
  if (!is_first_) sum_.add(session_.engine(), session_.model().parameters());
  is_first_ = false;
  forward(batch, state);
  Objective& objective = *session_.config().objective;
  objective.differentiate(outputs_, batch.targets, whole_, batch_sums_);
  const auto loss = static_cast<float>(
      objective.value(batch_sums_).value_or(std::numeric_limits<double>::quiet_NaN()));
  if (!batch_sums_.is_finite() || std::isinf(loss)) diverge("the loss is " + number_text(loss));
  plan_->backward();
  sums_ += batch_sums_;
}

const ObjectiveSums& TrainStep::finish(const StepRates& rates) {
  Parameters& parameters = session_.model().parameters();
  const RunConfig& config = session_.config();
  sum_.finish(parameters);
  const double norm = clip_gradients(
      parameters, config.train.gradient_clip.value_or(std::numeric_limits<double>::infinity()));
  if (!std::isfinite(norm)) diverge("a gradient is not finite");
  if (config.objective->value(sums_)) {
    config.optimizer->step(parameters, rates);
    if (ema_) ema_->update(parameters);
  }
  return sums_;
}

void TrainStep::diverge(const std::string& what) {
  std::string message = what;
  if (!is_finite(plan_->input().values()))
    message += "; the input of the batch is not finite";
  else if (const auto node = plan_->first_non_finite_node())
    message += "; the first layer whose output is not finite is " + in_quotes(*node);
  throw Divergence{message, true};
}

}  // namespace lucid
