#include "train/train_step.h"

#include <limits>

#include "base/text.h"
#include "train/divergence.h"
#include "train/optimizer/clip_gradients.h"

namespace lucid {

float TrainStep::add(const Batch& batch, const RandomState& state) {
  Model& model = session_.model();
  if (samples_ > 0) sum_.add(session_.engine(), model.parameters(), last_);
  const auto size = static_cast<Shape::Extent>(batch.size);
  Plan& plan = session_.training_plan(size);
  if (&plan != plan_) outputs_ = output_values(plan, model.graph(), size);
  plan_ = &plan;
  std::ranges::copy(batch.samples, plan_->input().values().begin());
  plan_->set_random_state(state);
  plan_->forward();
  const float loss = session_.config().objective->evaluate(outputs_, batch.targets);
  if (!std::isfinite(loss)) diverge("the loss is " + number_text(loss));
  plan_->backward();
  last_ = size;
  samples_ += size;
  loss_sum_ += static_cast<double>(loss) * static_cast<double>(size);
  return loss;
}

float TrainStep::finish(const StepRates& rates) {
  Parameters& parameters = session_.model().parameters();
  const RunConfig& config = session_.config();
  sum_.finish(parameters, last_);
  const double norm = clip_gradients(
      parameters, config.train.gradient_clip.value_or(std::numeric_limits<double>::infinity()));
  if (!std::isfinite(norm)) diverge("a gradient is not finite");
  config.optimizer->step(parameters, rates);
  if (ema_) ema_->update(parameters);
  const double loss = loss_sum_ / static_cast<double>(samples_);
  samples_ = 0;
  loss_sum_ = 0;
  return static_cast<float>(loss);
}

void TrainStep::diverge(const std::string& what) {
  std::string message = what;
  const bool is_in_data = !is_finite(plan_->input().values());
  if (is_in_data)
    message += "; the input of the batch is not finite";
  else if (const auto node = plan_->first_non_finite_node())
    message += "; the first layer whose output is not finite is " + in_quotes(*node);
  throw Divergence{message, true, is_in_data};
}

}  // namespace lucid
