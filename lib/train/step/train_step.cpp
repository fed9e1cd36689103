#include "train/step/train_step.h"

#include <limits>

#include "base/text.h"
#include "train/optimizer/clip_gradients.h"
#include "train/session/divergence.h"

namespace lucid {
namespace {

// Restores the buffers of a model, such as a norm's running statistics, when it is destroyed.
class KeptBuffers {
 public:
  explicit KeptBuffers(Parameters& parameters)
      : parameters_(parameters), kept_(buffer_values(parameters)) {}
  ~KeptBuffers() { set_buffer_values(parameters_, kept_); }
  KeptBuffers(const KeptBuffers&) = delete;
  KeptBuffers& operator=(const KeptBuffers&) = delete;

 private:
  Parameters& parameters_;
  std::vector<float> kept_;
};

}  // namespace

TrainStep::TrainStep(Session& session, std::optional<Ema>& ema, Ranks& ranks, bool overlaps)
    : session_(session),
      ema_(ema),
      ranks_(ranks),
      passes_(session, ranks),
      statistics_(session.model().parameters()),
      exchange_(ranks, session.model().parameters(), overlaps) {}

void TrainStep::begin(std::span<const Batch* const> batches, const RandomState& state) {
  whole_.clear();
  sums_.clear();
  shards_before_ = added_ = 0;
  batches_ = batches.size();
  if (is_in_shards()) statistics_.begin();
  if (batches.size() == 1 && shard_count(batches[0]->size, shard_limit()) == 1) return;
  if (session_.config().objective->whole_needs_predictions()) return predict_whole(batches, state);
  for (const Batch* batch : batches) weigh_whole(*batch);
}

void TrainStep::weigh_whole(const Batch& batch) {
  const auto [first, end] = ranks_.share(shard_count(batch.size, shard_limit()));
  std::vector<double> own;
  for (std::size_t i = first; i < end; ++i) {
    weigh(shard_of(batch, shard_limit(), i));
    note(own);
  }
  add_to_whole(own);
}

// Keeps the sums of a shard for add_to_whole(), or adds them now.
void TrainStep::note(std::vector<double>& own) {
  if (is_in_shards())
    shard_sums_.append_to(own);
  else
    whole_ += shard_sums_;
}

// Adds what all ranks found, in the order of the shards.
void TrainStep::add_to_whole(std::span<const double> own) {
  if (!is_in_shards()) return;
  const std::vector<double> all = ranks_.gathered(own);
  for (std::span<const double> left = all; !left.empty();)
    whole_ += ObjectiveSums::taken_from(left);
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
    passes_.run(*batch, state, [&](const ShardPass& pass) {
      std::vector<OutputValues> outputs = pass.outputs;
      for (OutputValues& output : outputs) output.gradient = {};
      session_.config().objective->differentiate(outputs, pass.shard.targets, {}, shard_sums_);
      note(own);
    });
    add_to_whole(own);
    ++state.draw;
  }
}

// Computes the loss and its gradient.
void TrainStep::differentiate(std::vector<OutputValues>& outputs, const Shard& shard) {
  session_.config().objective->differentiate(outputs, shard.targets, whole_, shard_sums_);
}

void TrainStep::add(const Batch& batch, const RandomState& state) {
  if (is_in_shards()) return add_in_shards(batch, state);
  const Shard whole{batch.size, batch.samples, batch.targets};
  exchange_.begin(added_, 1, added_ + 1 == batches_);
  differentiate(passes_.forward(whole, state), whole);
  check_loss(shard_sums_);
  passes_.backward();
  sums_ += shard_sums_;
  exchange_.completed(0, session_.model().parameters().gradients().size());
  ++added_;
}

void TrainStep::check_loss(const ObjectiveSums& sums) {
  const auto loss = static_cast<float>(
      session_.config().objective->value(sums).value_or(std::numeric_limits<double>::quiet_NaN()));
  if (!sums.is_finite() || std::isinf(loss)) diverge("the loss is " + number_text(loss));
}

// This rank computes its shards; all ranks together add up the gradients, and follow the statistics
// of all shards in the same order.
void TrainStep::add_in_shards(const Batch& batch, const RandomState& state) {
  const std::size_t count = shard_count(batch.size, shard_limit());
  ++added_;
  exchange_.begin(shards_before_, count, added_ == batches_);
  std::vector<double> own;
  passes_.run(
      batch, state,
      [&](const ShardPass& pass) {
        differentiate(pass.outputs, pass.shard);
        shard_sums_.append_to(own);
        statistics_.append_found(own);
      },
      [this](std::size_t number, std::size_t end) { exchange_.completed(number, end); });
  take_numbers(own);
  shards_before_ += count;
}

void TrainStep::take_numbers(std::span<const double> own) {
  const std::vector<double> all = ranks_.gathered(own);
  bool is_first = true;
  for (std::span<const double> left = all; !left.empty(); is_first = false) {
    const ObjectiveSums sums = ObjectiveSums::taken_from(left);
    check_loss(sums);
    sums_ += sums;
    statistics_.follow(left.first(statistics_.count()), is_first);
    left = left.subspan(statistics_.count());
  }
}

const ObjectiveSums& TrainStep::finish(const StepRates& rates) {
  Parameters& parameters = session_.model().parameters();
  const RunConfig& config = session_.config();
  exchange_.finish();
  if (is_in_shards()) statistics_.finish();
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
  Plan* const plan = passes_.last_plan();  // null on a rank that had no shard yet
  const bool is_of_data = plan != nullptr && !is_finite(plan->input().values());
  if (is_of_data)
    message += "; the input of the batch is not finite";
  else if (const auto node = plan != nullptr ? plan->first_non_finite_node() : std::nullopt)
    message += "; the first layer whose output is not finite is " + in_quotes(*node);
  throw Divergence{message, true, is_of_data};
}

}  // namespace lucid
