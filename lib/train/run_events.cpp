#include "train/run_events.h"

#include <algorithm>

#include "train/run_facts.h"

namespace lucid {

BeginEvent begin_event(Session& session, const RunFolder& folder, const Progress& progress,
                       std::int64_t batches) {
  const Dataset* validation = session.validation_set();
  const RunLength length = run_length(session, progress);
  const std::int64_t steps = length.epochs * length.steps_per_epoch;
  return {.name = session.config().name,
          .folder = folder.path().string(),
          .machine = session.engine().describe(),
          .epoch = progress.epoch + 1,
          .epochs = length.epochs,
          .batches = batches,
          .steps = std::min(steps, length.max_steps.value_or(steps)),
          .train_samples = static_cast<std::int64_t>(session.train_set().size()),
          .validation_samples =
              validation == nullptr ? 0 : static_cast<std::int64_t>(validation->size()),
          .parameters = session.model().parameters().element_count(),
          .monitor = session.config().train.monitor,
          .has_best = progress.has_best,
          .best = progress.best};
}

TimeLimitEvent time_limit_event(const Progress& progress, const RunLength& length, double limit) {
  const std::int64_t steps = length.epochs * length.steps_per_epoch;
  return {.epoch = progress.epoch,
          .step = progress.step,
          .epochs = length.epochs,
          .steps = std::min(steps, length.max_steps.value_or(steps)),
          .epoch_seconds = progress.epoch_seconds,
          .seconds = progress.seconds,
          .limit_seconds = limit};
}

double monitored_value(const EpochEvent& event, const std::string& monitor) {
  const std::string prefix = "validation.";
  if (!monitor.starts_with(prefix)) return event.train_loss;
  return event.validation.at(monitor.substr(prefix.size())).value();
}

std::string divergence_text(const Divergence& divergence, const Progress& progress,
                            const RunFolder& folder) {
  const std::int64_t step = progress.step + (divergence.is_within_step ? 1 : 0);
  return "epoch " + std::to_string(progress.epoch + 1) + ", step " + std::to_string(step) + ": " +
         divergence.what + "; the last good checkpoint is " + folder.last_checkpoint().string() +
         (divergence.is_of_data ? "" : "; a lower optimizer.lr or train.gradient_clip may help");
}

std::string saved_text(const Progress& progress, const RunFolder& folder) {
  return "step " + std::to_string(progress.step) + " of the run is saved in " +
         folder.last_checkpoint().string() + ", from where --resume goes on";
}

std::vector<RankWaits> waits_of_ranks(Ranks& ranks, const RankWaits& waited, double seconds) {
  if (ranks.is_alone()) return {};
  const double own[] = {waited.data / seconds, waited.communication / seconds};
  const std::vector<double> all = ranks.gathered(own);
  std::vector<RankWaits> waits;
  for (std::size_t i = 0; i < all.size(); i += std::size(own))
    waits.push_back({all[i], all[i + 1]});
  return waits;
}

ReadCounts since(const ReadCounts& before, const ReadCounts& now) {
  return {now.stored_bytes - before.stored_bytes, now.decoded_bytes - before.decoded_bytes,
          now.hits - before.hits, now.misses - before.misses};
}

}  // namespace lucid
