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

TrainStep::TrainStep(Session& session, std::optional<Ema>& ema, Ranks& ranks)
    : session_(session),
      ema_(ema),
      ranks_(ranks),
      statistics_(session.model().parameters()),
      exchange_(ranks, session.model().parameters()) {}

void TrainStep::begin(std::span<const Batch* const> batches, const RandomState& state) {
  whole_.clear();
  sums_.clear();
  is_first_ = true;
  shards_before_ = 0;
  if (is_in_shards()) statistics_.begin();
  if (batches.size() == 1 && shard_count(batches[0]->size, shard_limit()) == 1) return;
  if (session_.config().objective->whole_needs_predictions()) return predict_whole(batches, state);
  for (const Batch* batch : batches) {
    std::vector<double> own;
    for_own_shards(*batch, [&](const Shard& shard, std::size_t) {
      weigh(shard);
      if (is_in_shards())
        append_sums(shard_sums_, own);
      else
        whole_ += shard_sums_;
    });
    add_to_whole(own);
  }
}

// Adds what all ranks found, in the order of the shards.
void TrainStep::add_to_whole(std::span<const double> own) {
  if (!is_in_shards()) return;
  const std::vector<double> all = ranks_.gathered(own);
  for (std::span<const double> left = all; !left.empty();) whole_ += taken_sums(left);
}

std::size_t TrainStep::shard_limit() const {
  return static_cast<std::size_t>(session_.config().train.shards);
}

// Calls work(shard, its number in the batch).
template <class Work>
void TrainStep::for_own_shards(const Batch& batch, const Work& work) {
  const auto [first, end] = ranks_.share(shard_count(batch.size, shard_limit()));
  for (std::size_t i = first; i < end; ++i) work(shard_of(batch, shard_limit(), i), i);
}

// Every shard of a run has draws of its own.
RandomState TrainStep::state_of_shard(RandomState state, std::size_t i) const {
  const std::uint64_t batch = state.draw & kBatchOfDraw;
  state.draw += batch * (shard_limit() - 1) + i;
  state.replaces_statistics = is_in_shards();
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
}

// A loss over the whole batch is not known, nor is its gradient, before all of it was predicted.
// The forward passes of add() are the same as these.
void TrainStep::predict_whole(std::span<const Batch* const> batches, RandomState state) {
  const KeptBuffers kept(session_.model().parameters());
  for (const Batch* batch : batches) {
    std::vector<double> own;
    for_own_shards(*batch, [&](const Shard& shard, std::size_t i) {
      forward(shard, state_of_shard(state, i));
      std::vector<OutputValues> outputs = outputs_;
      for (OutputValues& output : outputs) output.gradient = {};
      session_.config().objective->differentiate(outputs, shard.targets, {}, shard_sums_);
      if (is_in_shards())
        append_sums(shard_sums_, own);
      else
        whole_ += shard_sums_;
    });
    add_to_whole(own);
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
  if (is_in_shards()) return add_in_shards(batch, state);
  if (!is_first_) sum_.add(session_.engine(), session_.model().parameters());
  is_first_ = false;
  differentiate({batch.size, batch.samples, batch.targets}, state);
  check_loss(shard_sums_);
  plan_->backward();
  sums_ += shard_sums_;
}

// Forward pass, loss and its gradient.
void TrainStep::differentiate(const Shard& shard, const RandomState& state) {
  forward(shard, state);
  session_.config().objective->differentiate(outputs_, shard.targets, whole_, shard_sums_);
}

void TrainStep::check_loss(const ObjectiveSums& sums) {
  const auto loss = static_cast<float>(
      session_.config().objective->value(sums).value_or(std::numeric_limits<double>::quiet_NaN()));
  if (!sums.is_finite() || std::isinf(loss)) diverge("the loss is " + number_text(loss));
}

// This rank computes its shards block by block; then all ranks add up the blocks of all, and follow
// the statistics of all shards, in the same order.
void TrainStep::add_in_shards(const Batch& batch, const RandomState& state) {
  Engine& engine = session_.engine();
  Parameters& parameters = session_.model().parameters();
  const std::size_t count = shard_count(batch.size, shard_limit());
  const auto [first, end] = ranks_.share(count);
  const auto blocks = blocks_of(shards_before_ + first, shards_before_ + end);
  std::vector<double> own;
  exchange_.begin(sum_, engine, blocks.size());
  for (const ShardBlock& block : blocks) {
    for (std::size_t i = 0; i < block.size(); ++i) {
      if (i > 0) block_sum_.add(engine, parameters);
      const std::size_t number = block.first - shards_before_ + i;
      differentiate(shard_of(batch, shard_limit(), number), state_of_shard(state, number));
      plan_->backward();
      append_sums(shard_sums_, own);
      statistics_.append_found(own);
    }
    block_sum_.finish(parameters);
    exchange_.put();
  }
  exchange_.add_to(sum_, engine, shards_before_, count);
  take_numbers(own);
  shards_before_ += count;
}

void TrainStep::take_numbers(std::span<const double> own) {
  const std::vector<double> all = ranks_.gathered(own);
  for (std::span<const double> left = all; !left.empty();) {
    const ObjectiveSums sums = taken_sums(left);
    check_loss(sums);
    sums_ += sums;
    statistics_.follow(left.first(statistics_.count()));
    left = left.subspan(statistics_.count());
  }
}

const ObjectiveSums& TrainStep::finish(const StepRates& rates) {
  Parameters& parameters = session_.model().parameters();
  const RunConfig& config = session_.config();
  if (is_in_shards()) {
    exchange_.finish(sum_);
    statistics_.finish();
  } else {
    sum_.finish(parameters);
  }
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
  // A rank without a shard has not computed yet.
  const bool is_of_data = plan_ != nullptr && !is_finite(plan_->input().values());
  if (is_of_data)
    message += "; the input of the batch is not finite";
  else if (const auto node = plan_ != nullptr ? plan_->first_non_finite_node() : std::nullopt)
    message += "; the first layer whose output is not finite is " + in_quotes(*node);
  throw Divergence{message, true, is_of_data};
}

}  // namespace lucid
