#include "train/checkpoints.h"

#include "base/text.h"
#include "train/session/divergence.h"

namespace lucid {

Checkpoints::Checkpoints(Session& session, const RunFolder& folder, std::optional<Ema>& ema,
                         const State& facts)
    : session_(session),
      folder_(folder),
      learner_{session.model(), *session.config().optimizer, ema, session.batch_size()},
      facts_(facts) {}

Progress Checkpoints::load(const CheckpointFile& checkpoint) {
  checkpoint.load_parameters(session_.model());
  return restore(checkpoint, learner_);
}

void Checkpoints::save_last(const Progress& progress) {
  if (progress.step > 0) check_parameters();
  save(folder_.last_checkpoint(), progress);
  restart_clock();
}

void Checkpoints::save_best(const Progress& progress) { save(folder_.best_checkpoint(), progress); }

void Checkpoints::check_parameters() const {
  for (const Parameter& parameter : session_.model().parameters())
    if (!is_finite(parameter.value.values()))
      throw Divergence{"the parameter " + in_quotes(parameter.name) + " is not finite"};
}

bool Checkpoints::is_due() const {
  return watch_.seconds() > session_.config().train.checkpoint_every.minutes * 60;
}

double Checkpoints::seconds_of_epoch() const {
  const auto every = static_cast<double>(session_.config().train.checkpoint_every.epochs);
  return save_seconds_ * (1 + 1 / every);  // the best one, and a part of the last one
}

// The file holds the parameters that validation measured: the averages, where there are any.
void Checkpoints::save(const std::filesystem::path& path, const Progress& progress) {
  const Stopwatch saving;
  const AveragedParameters averaged(learner_.ema, session_.model().parameters());
  State state = state_of(progress, learner_);
  state.texts = facts_.texts;
  state.integers.insert(facts_.integers.begin(), facts_.integers.end());
  save_checkpoint(path, session_.model(), session_.config().json, state);
  save_seconds_ = saving.seconds();
}

}  // namespace lucid
