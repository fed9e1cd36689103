#include "train/train_step.h"

#include <limits>

#include "base/text.h"
#include "train/divergence.h"
#include "train/optimizer/clip_gradients.h"

namespace lucid {
namespace {

constexpr std::uint64_t kBatchOfDraw = 0xffffffff;  // the bits of a draw that count batches

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
  const std::size_t shards = shard_limit();
  if (batches.size() == 1 && shard_count(batches[0]->size, shards) == 1) return;
  if (session_.config().objective->whole_needs_predictions()) return predict_whole(batches, state);
  for (const Batch* batch : batches)
    for (std::size_t i = 0; i < shard_count(batch->size, shards); ++i)
      weigh(shard_of(*batch, shards, i));
}

std::size_t TrainStep::shard_limit() const {
  return static_cast<std::size_t>(session_.config().train.shards);
}

// Every shard of a run has draws of its own.
RandomState TrainStep::state_of_shard(RandomState state, std::size_t i) const {
  const std::uint64_t batch = state.draw & kBatchOfDraw;
  state.draw += batch * (shard_limit() - 1) + i;
  return state;
}

// Makes shapes only where the shard's size changes, as a step allocates nothing.
void TrainStep::weigh(const Shard& shard) {
  const auto size = static_cast<Shape::Extent>(shard.size);
  if (weighed_.empty() || weighed_.front()[0] != size) {
    weighed_ = output_shapes(session_.model().graph());
    for (Shape& shape : weighed_) shape = shape.with_batch(size);
  }
  session_.config().objective->weigh(weighed_, shard.targets, shard_sums_);
  whole_ += shard_sums_;
}

// A loss over the whole batch is not known, nor is its gradient, before all of it was predicted.
// The forward passes of add() are the same as these.
void TrainStep::predict_whole(std::span<const Batch* const> batches, RandomState state) {
  const KeptBuffers kept(session_.model().parameters());
  for (const Batch* batch : batches) {
    for (std::size_t i = 0; i < shard_count(batch->size, shard_limit()); ++i) {
      const Shard shard = shard_of(*batch, shard_limit(), i);
      forward(shard, state_of_shard(state, i));
      std::vector<OutputValues> outputs = outputs_;
      for (OutputValues& output : outputs) output.gradient = {};
      session_.config().objective->differentiate(outputs, shard.targets, {}, shard_sums_);
      whole_ += shard_sums_;
    }
    ++state.draw;
  }
}

void TrainStep::forward(const Shard& shard, const RandomState& state) {
  const auto size = static_cast<Shape::Extent>(shard.size);
  Plan& plan = session_.training_plan(size);
  if (&plan != plan_) outputs_ = output_values(plan, session_.model().graph(), size);
  plan_ = &plan;
  std::ranges::copy(shard.samples, plan_->input().values().begin());
  plan_->set_random_state(state);
  plan_->forward();
}

void TrainStep::add(const Batch& batch, const RandomState& state) {
  for (std::size_t i = 0; i < shard_count(batch.size, shard_limit()); ++i)
    add(shard_of(batch, shard_limit(), i), state_of_shard(state, i));
}

void TrainStep::add(const Shard& shard, const RandomState& state) {
  if (!is_first_) sum_.add(session_.engine(), session_.model().parameters());
  is_first_ = false;
  forward(shard, state);
  Objective& objective = *session_.config().objective;
  objective.differentiate(outputs_, shard.targets, whole_, shard_sums_);
  const auto loss = static_cast<float>(
      objective.value(shard_sums_).value_or(std::numeric_limits<double>::quiet_NaN()));
  if (!shard_sums_.is_finite() || std::isinf(loss)) diverge("the loss is " + number_text(loss));
  plan_->backward();
  sums_ += shard_sums_;
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
  const bool is_of_data = !is_finite(plan_->input().values());
  if (is_of_data)
    message += "; the input of the batch is not finite";
  else if (const auto node = plan_->first_non_finite_node())
    message += "; the first layer whose output is not finite is " + in_quotes(*node);
  throw Divergence{message, true, is_of_data};
}

}  // namespace lucid
