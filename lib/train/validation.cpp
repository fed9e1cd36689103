#include "train/validation.h"

#include "base/text.h"
#include "train/divergence.h"

namespace lucid {

Validation::Validation(Session& session) : session_(session), evaluation_(session.evaluation()) {
  if (session_.validation_set() == nullptr) return;
  loader_.emplace(
      *session_.validation_set(),
      LoaderOptions{.batch_size = static_cast<std::size_t>(session_.validation_batch_size()),
                    .shuffle = false,
                    .prefetch = static_cast<std::size_t>(session_.config().data.prefetch),
                    .workers = static_cast<std::size_t>(session_.config().data.workers)},
      session_.normalization());
}

std::optional<Measurements> Validation::run(const StopRequest& stop_requested) {
  if (!loader_) return Measurements{};
  Model& model = session_.model();
  Plan& plan = model.plan(Mode::kInfer, session_.validation_batch_size());
  evaluation_.reset();
  loader_->start(0);
  while (const Batch* batch = loader_->next()) {
    // The outputs are not enough: a fused ReLU can hide a NaN.
    if (!is_finite(batch->samples))
      throw Divergence{"a sample of the validation set is not finite"};
    // The last batch may be smaller; the samples behind it are then old, and not evaluated.
    std::ranges::copy(batch->samples, plan.input().values().begin());
    plan.forward();
    const auto size = static_cast<Shape::Extent>(batch->size);
    evaluation_.add(output_values(plan, model.graph(), size), batch->targets);
    if (stop_requested()) return std::nullopt;
  }
  Measurements measured = evaluation_.measured();
  // The loss is NaN, too, where nothing counts in it.
  const auto loss = static_cast<float>(measured.values.front().second);
  if (!evaluation_.is_finite() || std::isinf(loss))
    throw Divergence{"the validation loss is " + number_text(loss)};
  return measured;
}

}  // namespace lucid
