#include "train/validation.h"

#include "base/text.h"
#include "train/session/divergence.h"

namespace lucid {

Validation::Validation(Session& session) : session_(session), evaluation_(session.evaluation()) {
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

std::optional<Measurements> Validation::run(const StopRequest& stop_requested) {
  if (!loader_) return Measurements{};
  Model& model = session_.model();
  Plan& plan = model.plan(Mode::kInfer, session_.validation_batch_size());
  evaluation_.reset();
  meter_->begin();
  loader_->start(0);
  while (const Batch* batch = next_batch(*loader_, {})) {
    // The last batch may be smaller; the samples behind it are then old, and not evaluated.
    std::ranges::copy(batch->samples, plan.input().values().begin());
    plan.forward();
    const auto size = static_cast<Shape::Extent>(batch->size);
    add(*batch, output_values(plan, model.graph(), size));
    if (stop_requested()) return std::nullopt;
  }
  meter_->end();
  Measurements measured = evaluation_.measured();
  // The loss is NaN, too, where nothing counts in it.
  const auto loss = static_cast<float>(measured.values.front().second);
  if (!evaluation_.is_finite() || std::isinf(loss))
    throw Divergence{"the validation loss is " + number_text(loss)};
  return measured;
}

// Losses are computed once, sample by sample: the sums of a set do not depend on its batches then.
void Validation::add(const Batch& batch, std::span<const OutputValues> outputs) {
  const std::size_t target_count = batch.targets.size() / batch.size;
  batch_.clear();
  for (std::size_t i = 0; i < batch.size; ++i) {
    const auto target = std::span(batch.targets).subspan(i * target_count, target_count);
    batch_ += meter_->add(batch.indices[i], session_.config().objective->main(),
                          outputs_of_sample(outputs, i), target);
    places_->count(batch.indices[i], target);
  }
  evaluation_.add(outputs, batch.targets, batch_);
}

}  // namespace lucid
