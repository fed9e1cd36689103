#include "train/trainer.h"

#include <limits>

#include "train/resume_check.h"
#include "train/run_events.h"

namespace lucid {

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// A rank reads the samples of its shards alone.
LoaderOptions own_part(LoaderOptions options, const Ranks& ranks) {
  if (ranks.is_alone()) return options;
  options.is_wanted = [&ranks, shards = options.shards](std::size_t sample, std::size_t batch) {
    const std::size_t count = shard_count(batch, shards);
    const auto [first, end] = ranks.share(count);
    return sample >= batch * first / count && sample < batch * end / count;
  };
  return options;
}

}  // namespace

Trainer::Trainer(Session& session, const RunFolder& folder, StopRequest stop_requested,
                 Ranks& ranks, bool overlaps)
    : session_(session),
      folder_(folder),
      ranks_(ranks),
      stop_requested_([&ranks, stop = std::move(stop_requested)] { return ranks.any(stop()); }),
      config_(session.config().train),
      loader_(session.train_set(), own_part(session.train_loader_options(), ranks),
              session.normalization()),
      step_(session, ema_, ranks, overlaps),
      validation_(session, ranks),
      cases_(session, validation_, folder, ranks),
      undefined_(session),
      facts_(facts_of(session)),
      checkpoints_(session, folder, ema_, facts_),
      length_(run_length(session)),
      lr_factors_(session.config().optimizer->lr_factors()),
      rates_(session.config().optimizer->constant_rates(0)) {
  // The plan of the full shard decides the layouts, whatever batch comes first.
  Model& model = session_.model();
  session_.training_plan(session_.shard_size());
  session_.config().optimizer->prepare(session_.engine(), model.parameters());
  if (config_.ema_decay) ema_.emplace(*config_.ema_decay, session_.engine(), model.parameters());
}

std::vector<std::string> Trainer::resume(const CheckpointFile& checkpoint) {
  const ResumeCheck check(checkpoint, session_, facts_);
  check.check_position();
  progress_ = checkpoints_.load(checkpoint);
  seconds_before_ = progress_.seconds;
  length_ = run_length(session_, progress_);
  // Sums of other losses than the config's mean something else.
  const std::vector<Shape> outputs = output_shapes(session_.model().graph());
  if (!session_.config().objective->fits(outputs, progress_.loss_sums)) progress_.loss_sums = {};
  return check.notes(progress_);
}

EndEvent Trainer::run(std::vector<Report*> reports) {
  reports_ = std::move(reports);
  run_watch_.restart();
  tell(&Report::begin,
       begin_event(session_, folder_, progress_, static_cast<std::int64_t>(loader_.batches())));
  warn(undefined_.of_config());
  tell_warnings();
  try {
    return end(run_epochs(), "");
  } catch (const Divergence& divergence) {
    if (divergence.is_of_data) save_between_steps();
    const std::string message = divergence_text(divergence, progress_, folder_);
    end(RunStatus::kDiverged, message);
    throw Error(ExitCode::kDiverged, message);
  } catch (const Error& error) {
    throw Error(error.code(), failure_text(error));
  }
}

RunStatus Trainer::run_epochs() {
  // Saving before the first step makes every run resumable and notices a full disk at once.
  if (progress_.step == 0) save_first();
  checkpoints_.restart_clock();
  while (!is_finished())
    if (const auto status = run_epoch()) return *status;
  const bool is_at_end = progress_.epoch >= length_.epochs || is_out_of_steps();
  return is_at_end ? RunStatus::kFinished : RunStatus::kEarlyStopping;
}

// A run stops and is saved between two steps of the optimizer only, so that a checkpoint need not
// hold the gradients of an incomplete step.
std::optional<RunStatus> Trainer::run_epoch() {
  epoch_part_ = {.read_before = session_.sets().read_counts(), .waited_before = waited_for_ranks()};
  loader_.start(progress_.epoch, static_cast<std::size_t>(progress_.batch));
  while (!is_out_of_steps() && take_step()) {
    if (stop_requested_()) {
      save_last(progress_);
      return RunStatus::kInterrupted;
    }
    if (ranks_.is_first() && checkpoints_.is_due()) save_last(progress_);
  }
  return finish_epoch();
}

// Returns false where the epoch has no batch left.
bool Trainer::take_step() {
  const std::int64_t wanted = config_.accumulate - progress_.batch % config_.accumulate;
  const auto batches =
      peek_batches(loader_, static_cast<std::size_t>(wanted), {.what = {}, .is_within_step = true});
  const std::size_t count = batches.size();
  if (count == 0) return false;
  is_within_step_ = true;
  step_.begin(batches, random_state());
  for (std::size_t i = 0; i < count; ++i) {
    const Batch& batch = *loader_.next();
    step_.add(batch, random_state());
    ++progress_.batch;
    progress_.samples += static_cast<std::int64_t>(batch.size);
    epoch_part_.samples += static_cast<std::int64_t>(batch.size);
  }
  finish_step();
  epoch_part_.steps.add(epoch_part_.watch.seconds());
  is_within_step_ = false;
  return true;
}

// Random numbers follow from the position in the run, so that a resumed run draws the same ones.
RandomState Trainer::random_state() const {
  return {.seed = session_.config().seed,
          .draw = (static_cast<std::uint64_t>(progress_.epoch) << 32U) +
                  static_cast<std::uint64_t>(progress_.batch)};
}

void Trainer::finish_step() {
  set_rates();
  const ObjectiveSums& sums = step_.finish(rates_);
  progress_.loss_sums += sums;
  const auto loss = static_cast<float>(session_.config().objective->value(sums).value_or(kNan));
  ++progress_.step;
  tell(&Report::step,
       StepEvent{progress_.epoch + 1, progress_.step, progress_.batch, loss,
                 rates_.learning_rates.front(),
                 static_cast<double>(epoch_part_.samples) / epoch_part_.watch.seconds()});
  tell_warnings();
}

void Trainer::tell_warnings() {
  for (const std::string& line : session_.warnings().take())
    tell(&Report::note, "warning: " + line);
}

void Trainer::set_rates() {
  const RunPoint point{progress_.epoch, progress_.step, progress_.plateau.reductions};
  const LearningRate& schedule = session_.config().schedule;
  for (std::size_t i = 0; i < lr_factors_.size(); ++i)
    rates_.learning_rates[i] = schedule.rate(lr_factors_[i], point, length_);
  rates_.momentum = schedule.momentum(point, length_);
}

std::optional<RunStatus> Trainer::finish_epoch() {
  const double seconds = epoch_part_.watch.seconds();
  const auto waits = waits_of_ranks(
      ranks_, {loader_.wait_seconds(), waited_for_ranks() - epoch_part_.waited_before}, seconds);
  checkpoints_.check_parameters();
  const auto validation = validate();
  if (!validation) {
    save_last(progress_);
    return RunStatus::kInterrupted;
  }
  const Progress before = progress_;
  const bool is_whole = is_epoch_complete();
  EpochEvent event = epoch_event(seconds, *validation);
  event.ranks = waits;
  event.best = note_epoch(event);
  save_cases(event);
  warn(undefined_.of_epoch(event));
  tell(&Report::epoch, event);
  if (is_whole) fit_to_time_limit(seconds);
  // The best is saved first: should the run be killed in between, the last checkpoint is older and
  // the epoch is repeated.
  if (event.best && ranks_.is_first()) checkpoints_.save_best(progress_);
  const bool is_last = is_finished() || stop_requested_();
  // max_steps may end within an epoch. A run resumed there finishes the epoch first, as if its
  // first part had not been validated.
  if (is_last || event.epoch % config_.checkpoint_every.epochs == 0)
    save_last(is_whole ? progress_ : before);
  if (stop_requested_()) return RunStatus::kInterrupted;
  return std::nullopt;
}

std::optional<Measurements> Trainer::validate() {
  const AveragedParameters averaged(ema_, session_.model().parameters());
  return validation_.run(stop_requested_);
}

EpochEvent Trainer::epoch_event(double seconds, const Measurements& validation) const {
  // The rate is that of the last step, which may have been taken before the run was resumed.
  const RunPoint last_step{progress_.epoch, progress_.step - 1, progress_.plateau.reductions};
  return {.epoch = progress_.epoch + 1,
          .step = progress_.step,
          .train_loss = session_.config().objective->value(progress_.loss_sums).value_or(kNan),
          .validation = validation,
          .lr = session_.config().schedule.rate(1, last_step, length_),
          .seconds = seconds,
          .samples_per_second = static_cast<double>(epoch_part_.samples) / seconds,
          .data_wait = loader_.wait_seconds() / seconds,
          .read = since(epoch_part_.read_before, session_.sets().read_counts()),
          .best = false};
}

// Moves on to the next epoch; returns whether this one is the best so far.
bool Trainer::note_epoch(const EpochEvent& event) {
  const double monitored = monitored_value(event, config_.monitor);
  const bool is_best = note_value(progress_, monitored, config_);
  session_.config().schedule.watch(progress_.epoch, monitored, length_, progress_.plateau);
  if (is_epoch_complete()) begin_next_epoch(progress_);
  return is_best;
}

bool Trainer::is_epoch_complete() const {
  return progress_.batch >= static_cast<std::int64_t>(loader_.batches());
}

bool Trainer::is_out_of_steps() const {
  return config_.max_steps && progress_.step >= *config_.max_steps;
}

void Trainer::warn(const std::vector<std::string>& warnings) {
  for (const std::string& warning : warnings) tell(&Report::note, "warning: " + warning);
}

EndEvent Trainer::end(RunStatus status, const std::string& message) {
  tell_warnings();
  const EndEvent event{status,          progress_.epoch,    progress_.step,
                       config_.monitor, progress_.has_best, progress_.best,
                       message};
  tell(&Report::end, event);
  return event;
}

}  // namespace lucid
