#include "train/measure/forecast.h"

#include <algorithm>

#include "base/stopwatch.h"
#include "train/run_facts.h"
#include "train/session/divergence.h"
#include "train/step/train_step.h"
#include "train/validation.h"

namespace lucid {
namespace {

constexpr std::int64_t kFewestSteps = 3;  // that are timed, behind one that is not

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

double seconds_of_step(Session& session, double seconds) {
  std::optional<Ema> ema;
  session.training_plan(session.shard_size());
  session.config().optimizer->prepare(session.engine(), session.model().parameters());
  if (session.config().train.ema_decay)
    ema.emplace(*session.config().train.ema_decay, session.engine(), session.model().parameters());
  Loader loader(session.train_set(), session.train_loader_options(), session.normalization());
  TrainStep step(session, ema, alone());
  std::int64_t epoch = 0, count = 0;
  loader.start(epoch);
  take_step(session, loader, epoch, step);
  const Stopwatch watch;
  while (count < kFewestSteps || watch.seconds() < seconds) {
    take_step(session, loader, epoch, step);
    ++count;
  }
  return watch.seconds() / static_cast<double>(count);
}

double seconds_of_validation(Session& session, double seconds) {
  if (session.validation_set() == nullptr) return 0;
  Validation validation(session);
  Stopwatch watch;
  validation.run([] { return true; });  // one batch, to compile the plan
  watch.restart();
  std::int64_t count = 0;
  validation.run([&] { return ++count >= kFewestSteps && watch.seconds() >= seconds; });
  const auto samples = static_cast<std::int64_t>(session.validation_set()->size());
  const std::int64_t batches = (samples - 1) / session.validation_batch_size() + 1;
  return watch.seconds() / static_cast<double>(count) * static_cast<double>(batches);
}

}  // namespace

Forecast forecast(Session& session, double seconds) {
  session.resolve_auto();
  const RunLength length = run_length(session);
  Forecast result{.epochs = length.epochs, .steps = length.steps_per_epoch};
  if (length.max_steps) {
    result.epochs = std::min(length.epochs, (*length.max_steps - 1) / result.steps + 1);
    result.steps = std::min(result.steps, *length.max_steps);
  }
  try {
    result.step_seconds = seconds_of_step(session, seconds);
    result.validation_seconds = seconds_of_validation(session, seconds);
  } catch (const Divergence& divergence) {
    throw Error(ExitCode::kDiverged, session.config().file + ": " + divergence.what);
  }
  return result;
}

}  // namespace lucid
