#include "train/trainer.h"

#include <algorithm>

#include "base/text.h"

namespace lucid {
namespace {

LoaderOptions train_options(const Session& session, const RunConfig& config) {
  return {.batch_size = static_cast<std::size_t>(session.batch_size()),
          .shuffle = config.data.shuffle,
          .drop_last = config.data.drop_last,
          .seed = config.seed,
          .prefetch = static_cast<std::size_t>(config.data.prefetch),
          .workers = static_cast<std::size_t>(config.data.workers),
          .augmentation = &config.data.augmentation};
}

ReadCounts since(const ReadCounts& before, const ReadCounts& now) {
  return {now.stored_bytes - before.stored_bytes, now.decoded_bytes - before.decoded_bytes,
          now.hits - before.hits, now.misses - before.misses};
}

std::int64_t steps_per_epoch(const Loader& loader, const TrainConfig& config) {
  const auto batches = static_cast<std::int64_t>(loader.batches());
  return (batches + config.accumulate - 1) / config.accumulate;
}

}  // namespace

Trainer::Trainer(Session& session, const RunFolder& folder, std::vector<Report*> reports,
                 StopRequest stop_requested)
    : session_(session),
      folder_(folder),
      reports_(std::move(reports)),
      stop_requested_(std::move(stop_requested)),
      config_(session.config().train),
      loader_(session.train_set(), train_options(session, session.config()),
              session.normalization()),
      step_(session, ema_),
      validation_(session),
      length_{config_.epochs, steps_per_epoch(loader_, config_), config_.max_steps},
      lr_factors_(session.config().optimizer->lr_factors()),
      rates_(session.config().optimizer->constant_rates(0)) {
  // The plan of the full batch decides the layouts, whatever batch comes first.
  Model& model = session_.model();
  session_.training_plan(session_.batch_size());
  session_.config().optimizer->prepare(session_.engine(), model.parameters());
  if (config_.ema_decay) ema_.emplace(*config_.ema_decay, session_.engine(), model.parameters());
}

void Trainer::resume(const CheckpointFile& checkpoint) {
  checkpoint.load_parameters(session_.model());
  progress_ = restore(checkpoint, learner());
}

EndEvent Trainer::run() {
  tell_begin();
  try {
    return end(run_epochs(), "");
  } catch (const Divergence& divergence) {
    diverge(divergence);
  }
}

void Trainer::tell_begin() {
  tell(&Report::begin,
       BeginEvent{
           .name = session_.config().name,
           .folder = folder_.path().string(),
           .machine = session_.engine().describe(),
           .epoch = progress_.epoch + 1,
           .epochs = config_.epochs,
           .batches = static_cast<std::int64_t>(loader_.batches()),
           .train_samples = static_cast<std::int64_t>(session_.train_set().size()),
           .validation_samples = session_.validation_set() == nullptr
                                     ? 0
                                     : static_cast<std::int64_t>(session_.validation_set()->size()),
           .parameters = session_.model().parameters().element_count()});
}

RunStatus Trainer::run_epochs() {
  // From the first moment on there is something to resume from, and a full disk is noticed before
  // any work is done.
  if (progress_.step == 0) save_last(progress_);
  save_watch_.restart();
  while (progress_.epoch < config_.epochs && !is_out_of_steps()) {
    if (is_out_of_patience()) return RunStatus::kEarlyStopping;
    if (const auto status = run_epoch()) return *status;
  }
  return RunStatus::kFinished;
}

std::optional<RunStatus> Trainer::run_epoch() {
  samples_this_time_ = 0;
  read_before_ = session_.sets().read_counts();
  epoch_watch_.restart();
  loader_.start(progress_.epoch, static_cast<std::size_t>(progress_.batch));
  if (const auto status = walk_batches()) return status;
  return finish_epoch(epoch_watch_.seconds());
}

// A run stops and is saved between two steps of the optimizer alone, so that no gradients of a part
// of a step have to be saved.
std::optional<RunStatus> Trainer::walk_batches() {
  while (const Batch* batch = is_out_of_steps() ? nullptr : loader_.next()) {
    add(*batch);
    if (!is_step_complete()) continue;
    finish_step();
    if (stop_requested_()) {
      save_last(progress_);
      return RunStatus::kInterrupted;
    }
    if (save_watch_.seconds() > config_.checkpoint_every.minutes * 60) save_last(progress_);
  }
  return std::nullopt;
}

void Trainer::add(const Batch& batch) {
  // Where the run stands, so that a resumed one draws what it would have drawn.
  const float loss =
      step_.add(batch, {.seed = session_.config().seed,
                        .draw = (static_cast<std::uint64_t>(progress_.epoch) << 32U) +
                                static_cast<std::uint64_t>(progress_.batch)});
  const auto size = static_cast<std::int64_t>(batch.size);
  ++progress_.batch;
  progress_.samples += size;
  progress_.loss_sum += static_cast<double>(loss) * static_cast<double>(size);
  samples_this_time_ += size;
}

bool Trainer::is_step_complete() const {
  return progress_.batch % config_.accumulate == 0 || is_epoch_complete();
}

bool Trainer::is_epoch_complete() const {
  return progress_.batch == static_cast<std::int64_t>(loader_.batches());
}

void Trainer::finish_step() {
  const RunPoint point{progress_.epoch, progress_.step, progress_.plateau.reductions};
  const LearningRate& schedule = session_.config().schedule;
  for (std::size_t i = 0; i < lr_factors_.size(); ++i)
    rates_.learning_rates[i] = schedule.rate(lr_factors_[i], point, length_);
  rates_.momentum = schedule.momentum(point, length_);
  const float loss = step_.finish(rates_);
  ++progress_.step;
  tell(&Report::step, StepEvent{progress_.epoch + 1, progress_.step, progress_.batch, loss,
                                rates_.learning_rates.front(),
                                static_cast<double>(samples_this_time_) / epoch_watch_.seconds()});
}

std::optional<RunStatus> Trainer::finish_epoch(double seconds) {
  EpochEvent event{};
  event.data_wait = loader_.wait_seconds() / seconds;
  check_parameters();
  const auto validation = validate();
  if (!validation) {
    save_last(progress_);
    return RunStatus::kInterrupted;
  }
  const Progress before = progress_;
  const bool is_whole = is_epoch_complete();
  event.epoch = progress_.epoch + 1;
  event.step = progress_.step;
  event.train_loss = progress_.loss_sum / static_cast<double>(progress_.samples);
  event.validation = *validation;
  // That of the last step, taken now or before the run was resumed.
  event.lr = session_.config().schedule.rate(
      1, {progress_.epoch, progress_.step - 1, progress_.plateau.reductions}, length_);
  event.seconds = seconds;
  event.samples_per_second = static_cast<double>(samples_this_time_) / seconds;
  event.read = since(read_before_, session_.sets().read_counts());
  event.best = count_epoch(event);
  tell(&Report::epoch, event);
  // The best first: should the run be killed in between, the last checkpoint is older and the epoch
  // is done again.
  if (event.best) save(folder_.best_checkpoint(), progress_);
  const bool is_last = progress_.epoch == config_.epochs || is_out_of_steps() ||
                       is_out_of_patience() || stop_requested_();
  // max_steps may end within an epoch. A run that goes on from there finishes the epoch first, as
  // if nobody had looked at its first part.
  if (is_last || event.epoch % config_.checkpoint_every.epochs == 0)
    save_last(is_whole ? progress_ : before);
  if (stop_requested_()) return RunStatus::kInterrupted;
  return std::nullopt;
}

std::optional<Measurements> Trainer::validate() {
  const AveragedParameters averaged(ema_, session_.model().parameters());
  return validation_.run(stop_requested_);
}

// Moves on to the next epoch; returns whether this one is the best so far.
bool Trainer::count_epoch(const EpochEvent& event) {
  double monitored = event.train_loss;
  const std::string mark = "validation.";
  if (config_.monitor.starts_with(mark))
    monitored = event.validation.at(config_.monitor.substr(mark.size())).value();
  const bool is_best = note_value(progress_, monitored, config_);
  session_.config().schedule.watch(progress_.epoch, monitored, length_, progress_.plateau);
  if (is_epoch_complete()) {
    ++progress_.epoch;
    progress_.batch = progress_.samples = 0;
    progress_.loss_sum = 0;
  }
  return is_best;
}

bool Trainer::is_out_of_steps() const {
  return config_.max_steps && progress_.step >= *config_.max_steps;
}

bool Trainer::is_out_of_patience() const {
  return config_.early_stopping && progress_.epochs_since_best >= config_.early_stopping->patience;
}

void Trainer::check_parameters() {
  for (const Parameter& parameter : session_.model().parameters())
    if (!is_finite(parameter.value.values()))
      throw Divergence{"the parameter " + in_quotes(parameter.name) + " is not finite"};
}

void Trainer::save_last(const Progress& progress) {
  if (progress.step > 0) check_parameters();
  save(folder_.last_checkpoint(), progress);
  save_watch_.restart();
}

// What validation measured is what the checkpoint's parameters are.
void Trainer::save(const std::filesystem::path& path, const Progress& progress) {
  const AveragedParameters averaged(ema_, session_.model().parameters());
  save_checkpoint(path, session_.model(), session_.config().json, state_of(progress, learner()));
}

EndEvent Trainer::end(RunStatus status, const std::string& message) {
  const EndEvent event{status,          progress_.epoch,    progress_.step,
                       config_.monitor, progress_.has_best, progress_.best,
                       message};
  tell(&Report::end, event);
  return event;
}

void Trainer::diverge(const Divergence& divergence) {
  const std::int64_t step = progress_.step + (divergence.is_within_step ? 1 : 0);
  const std::string message =
      "epoch " + std::to_string(progress_.epoch + 1) + ", step " + std::to_string(step) + ": " +
      divergence.what + "; the last good checkpoint is " + folder_.last_checkpoint().string() +
      "; a lower optimizer.lr or train.gradient_clip may help";
  end(RunStatus::kDiverged, message);
  throw Error(ExitCode::kDiverged, message);
}

}  // namespace lucid
