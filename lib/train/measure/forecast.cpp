#include "train/measure/forecast.h"

#include <algorithm>

#include "base/stopwatch.h"
#include "train/run_facts.h"
#include "train/session/divergence.h"
#include "train/step/train_step.h"
#include "train/validation.h"

namespace lucid {
namespace {

constexpr std::int64_t kFewestSteps = 3;  // that are timed in turn, behind one that is not
constexpr std::int64_t kRounds = 2;       // as memory grows once more in the second epoch

// Takes one step of the optimizer, from the next epoch's batches where one ends.
void take_step(Session& session, Loader& loader, std::int64_t& epoch, TrainStep& step) {
  const auto wanted = static_cast<std::size_t>(session.config().train.accumulate);
  auto batches = peek_batches(loader, wanted, {});
  if (batches.empty()) {
    loader.start(++epoch);
    batches = peek_batches(loader, wanted, {});
  }
  const std::size_t count = batches.size();
  const RandomState state{.seed = session.config().seed, .draw = 0};
  step.begin(batches, state);
  for (std::size_t i = 0; i < count; ++i) step.add(*loader.next(), state);
  step.finish(session.config().optimizer->constant_rates(0));
}

// Takes steps and validates in turns, as a run does.
class Rehearsal {
 public:
  explicit Rehearsal(Session& session)
      : session_(session),
        loader_(session.train_set(), session.train_loader_options(), session.normalization()),
        step_(session, ema_, alone()) {
    session.training_plan(session.shard_size());
    session.config().optimizer->prepare(session.engine(), session.model().parameters());
    if (session.config().train.ema_decay)
      ema_.emplace(*session.config().train.ema_decay, session.engine(),
                   session.model().parameters());
    if (session.validation_set() != nullptr) validation_.emplace(session);
    loader_.start(0);
    take_step(session_, loader_, epoch_, step_);
  }

  void train(double seconds) {
    const Stopwatch watch;
    std::int64_t count = 0;
    while (count < kFewestSteps || watch.seconds() < seconds) {
      take_step(session_, loader_, epoch_, step_);
      ++count;
    }
    step_seconds_ += watch.seconds();
    steps_ += count;
  }

  void validate(double seconds) {
    if (!validation_) return;
    Stopwatch watch;
    if (batches_ == 0) validation_->run([] { return true; });  // one batch, to compile the plan
    watch.restart();
    std::int64_t count = 0;
    validation_->run([&] { return ++count >= kFewestSteps && watch.seconds() >= seconds; });
    validation_seconds_ += watch.seconds();
    batches_ += count;
  }

  double step_seconds() const { return step_seconds_ / static_cast<double>(steps_); }

  // Of the whole set.
  double validation_seconds() const {
    if (!validation_) return 0;
    const auto samples = static_cast<std::int64_t>(session_.validation_set()->size());
    const std::int64_t batches = (samples - 1) / session_.validation_batch_size() + 1;
    return validation_seconds_ / static_cast<double>(batches_) * static_cast<double>(batches);
  }

 private:
  Session& session_;
  std::optional<Ema> ema_;
  Loader loader_;
  TrainStep step_;
  std::optional<Validation> validation_;
  std::int64_t epoch_ = 0, steps_ = 0, batches_ = 0;
  double step_seconds_ = 0, validation_seconds_ = 0;
};

}  // namespace

Forecast forecast(Session& session, double seconds) {
  const Stopwatch watch;
  session.resolve_auto();
  const RunLength length = run_length(session);
  Forecast result{.epochs = length.epochs, .steps = length.steps_per_epoch};
  if (length.max_steps) {
    result.epochs = std::min(length.epochs, (*length.max_steps - 1) / result.steps + 1);
    result.steps = std::min(result.steps, *length.max_steps);
  }
  try {
    Rehearsal rehearsal(session);
    const double first_step = watch.seconds();
    for (std::int64_t round = 0; round < kRounds; ++round) {
      rehearsal.train(seconds / kRounds);
      rehearsal.validate(seconds / kRounds);
    }
    result.step_seconds = rehearsal.step_seconds();
    result.validation_seconds = rehearsal.validation_seconds();
    result.start_seconds = std::max(first_step - result.step_seconds, 0.0);
    if (session.validation_set() != nullptr)
      result.validation_samples = static_cast<double>(session.validation_set()->size());
  } catch (const Divergence& divergence) {
    throw Error(ExitCode::kDiverged, session.config().file + ": " + divergence.what);
  }
  return result;
}

}  // namespace lucid
