#include "train/validation.h"

#include "base/text.h"
#include "train/session/divergence.h"

namespace lucid {

Validation::Validation(Session& session, Ranks& ranks)
    : session_(session), ranks_(ranks), evaluation_(session.evaluation()) {
  if (session_.validation_set() == nullptr) return;
  const Dataset& set = *session_.validation_set();
  loader_.emplace(
      set,
      LoaderOptions{.batch_size = static_cast<std::size_t>(session_.validation_batch_size()),
                    .shuffle = false,
                    .prefetch = static_cast<std::size_t>(session_.config().data.prefetch),
                    .workers = static_cast<std::size_t>(session_.config().data.workers),
                    .checks = session_.value_checks(set)},
      session_.normalization());
  cases_.emplace(set, session_.sets().validation_patches());
  meter_.emplace(*cases_, session_.case_evaluation());
  places_.emplace(*cases_, set, session_.config().objective->ignore_index());
}

// Each rank predicts batches that follow one another, as neighbours read the same chunks of a file.
// All of them ask as often whether to stop, since they ask together.
std::optional<Measurements> Validation::run(const StopRequest& stop_requested) {
  if (!loader_) return Measurements{};
  begin();
  const auto ranks = static_cast<std::size_t>(ranks_.size());
  const std::size_t rounds = (loader_->batches() + ranks - 1) / ranks;
  for (std::size_t round = 0; round < rounds; ++round) {
    failure_.guard([&] { predict_next(); });
    if (stop_requested()) return std::nullopt;
  }
  failure_.rethrow_first(ranks_);
  if (!ranks_.is_alone()) take(ranks_.gathered(numbers_));
  return finish();
}

void Validation::begin() {
  evaluation_.reset();
  meter_->begin();
  numbers_.clear();
  failure_.clear();
  const auto [first, end] = ranks_.share(loader_->batches());
  loader_->start_part(0, first, end);
}

void Validation::predict_next() {
  const Batch* batch = next_batch(*loader_, {});
  if (batch == nullptr) return;  // other ranks have a batch more
  Model& model = session_.model();
  Plan& plan = model.plan(Mode::kInfer, session_.validation_batch_size());
  // The last batch may be smaller; the samples behind it are then old, and not evaluated.
  std::ranges::copy(batch->samples, plan.input().values().begin());
  plan.forward();
  const auto size = static_cast<Shape::Extent>(batch->size);
  measure(*batch, output_values(plan, model.graph(), size));
  if (!ranks_.is_alone()) return;
  take(numbers_);  // what has been measured of a large set need not stay in memory
  numbers_.clear();
}

// Sample by sample: the sums of a set do not depend on its batches then.
void Validation::measure(const Batch& batch, std::span<const OutputValues> outputs) {
  const std::size_t target_count = batch.targets.size() / batch.size;
  const Loss& loss = session_.config().objective->main();
  for (std::size_t i = 0; i < batch.size; ++i) {
    const auto target = std::span(batch.targets).subspan(i * target_count, target_count);
    const auto of_sample = outputs_of_sample(outputs, i);
    numbers_.push_back(static_cast<double>(batch.indices[i]));
    places_->measure(batch.indices[i], target, numbers_);
    meter_->measure(batch.indices[i], loss, of_sample.front(), target, numbers_);
    evaluation_.measure(of_sample, target, numbers_);
  }
}

// The evaluation of the set and that of a case read the same numbers.
void Validation::take(std::span<const double> numbers) {
  while (!numbers.empty()) {
    const auto sample = static_cast<std::size_t>(numbers[0]);
    numbers = numbers.subspan(1);
    places_->take(sample, numbers);
    meter_->take_class(sample, numbers);
    std::span<const double> of_case = numbers;
    meter_->take(of_case);
    evaluation_.take(numbers);
  }
}

Measurements Validation::finish() {
  meter_->end();
  evaluation_.join(ranks_);
  Measurements measured = evaluation_.measured();
  // The loss is NaN, too, where nothing counts in it.
  const auto loss = static_cast<float>(measured.values.front().second);
  if (!evaluation_.is_finite() || std::isinf(loss))
    throw Divergence{"the validation loss is " + number_text(loss)};
  return measured;
}

}  // namespace lucid
