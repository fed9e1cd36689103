#include "train/trainer.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/text.h"

namespace lucid {
namespace {

LoaderOptions train_options(const Session& session, const RunConfig& config) {
  return {.batch_size = static_cast<std::size_t>(session.batch_size()),
          .shuffle = config.data.shuffle,
          .drop_last = config.data.drop_last,
          .seed = config.seed};
}

bool is_finite(std::span<const float> values) {
  return std::ranges::all_of(values, [](float value) { return std::isfinite(value); });
}

}  // namespace

Trainer::Trainer(Session& session, const RunFolder& folder, std::vector<Report*> reports,
                 StopRequest stop_requested)
    : session_(session),
      folder_(folder),
      reports_(std::move(reports)),
      stop_requested_(std::move(stop_requested)),
      config_(session.config().train),
      optimizer_(*session.config().optimizer),
      loader_(session.train_set(), train_options(session, session.config()),
              session.config().data.normalization),
      evaluation_(session.evaluation()) {
  // The plan of the full batch decides the layouts, whatever batch comes first.
  session_.model().plan(Mode::kTrain, session_.batch_size());
  optimizer_.prepare(session_.engine(), session_.model().parameters());
  if (session_.validation_set() != nullptr)
    validation_loader_.emplace(
        *session_.validation_set(),
        LoaderOptions{.batch_size = static_cast<std::size_t>(session_.validation_batch_size()),
                      .shuffle = false},
        session_.config().data.normalization);
}

void Trainer::resume(const CheckpointFile& checkpoint) {
  checkpoint.load_parameters(session_.model());
  progress_ = restore(checkpoint, optimizer_, session_.engine(), session_.model().parameters(),
                      session_.batch_size());
}

EndEvent Trainer::run() {
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
  // From the first moment on there is something to resume from, and a full disk is noticed before
  // any work is done.
  if (progress_.step == 0) save_last(progress_);
  save_watch_.restart();
  while (progress_.epoch < config_.epochs && !is_out_of_steps()) {
    if (is_out_of_patience()) return end(RunStatus::kEarlyStopping, "");
    if (const auto status = run_epoch()) return end(*status, "");
  }
  return end(RunStatus::kFinished, "");
}

std::optional<RunStatus> Trainer::run_epoch() {
  const double lr =
      session_.config().schedule->rate(session_.config().learning_rate, progress_.epoch);
  samples_this_time_ = 0;
  epoch_watch_.restart();
  loader_.start(progress_.epoch, static_cast<std::size_t>(progress_.batch));
  if (const auto status = walk_batches(lr)) return status;
  return finish_epoch(lr, epoch_watch_.seconds());
}

std::optional<RunStatus> Trainer::walk_batches(double lr) {
  while (const Batch* batch = is_out_of_steps() ? nullptr : loader_.next()) {
    step(*batch, lr);
    if (stop_requested_()) {
      save_last(progress_);
      return RunStatus::kInterrupted;
    }
    if (save_watch_.seconds() > config_.checkpoint_every.minutes * 60) save_last(progress_);
  }
  return std::nullopt;
}

void Trainer::step(const Batch& batch, double lr) {
  Model& model = session_.model();
  const auto size = static_cast<Shape::Extent>(batch.size);
  Plan& plan = model.plan(Mode::kTrain, size);
  std::ranges::copy(batch.samples, plan.input().values().begin());
  // Where the run stands, so that a resumed one draws what it would have drawn.
  plan.set_random_state({.seed = session_.config().seed,
                         .draw = (static_cast<std::uint64_t>(progress_.epoch) << 32U) +
                                 static_cast<std::uint64_t>(progress_.batch)});
  plan.forward();
  const float loss = session_.config().objective->evaluate(output_values(plan, model.graph(), size),
                                                           batch.targets);
  if (!std::isfinite(loss)) diverge("the loss is " + number_text(loss), &plan);
  plan.backward();
  const double norm = clip_gradients(
      model.parameters(), config_.gradient_clip.value_or(std::numeric_limits<double>::infinity()));
  if (!std::isfinite(norm)) diverge("a gradient is not finite", &plan);
  optimizer_.step(model.parameters(), lr);

  ++progress_.step;
  ++progress_.batch;
  progress_.samples += size;
  progress_.loss_sum += static_cast<double>(loss) * static_cast<double>(size);
  samples_this_time_ += size;
  tell(&Report::step, StepEvent{progress_.epoch + 1, progress_.step, progress_.batch, loss, lr,
                                static_cast<double>(samples_this_time_) / epoch_watch_.seconds()});
}

std::optional<NamedValues> Trainer::validate() {
  if (!validation_loader_) return NamedValues{};
  Model& model = session_.model();
  Plan& plan = model.plan(Mode::kInfer, session_.validation_batch_size());
  evaluation_.reset();
  validation_loader_->start(0);
  while (const Batch* batch = validation_loader_->next()) {
    // A fused ReLU would hide it.
    if (!is_finite(batch->samples))
      diverge("a sample of the validation set is not finite", nullptr);
    std::ranges::copy(
        batch->samples,
        plan.input().values().begin());  // behind a smaller last batch old samples stay, unread
    plan.forward();
    const auto size = static_cast<Shape::Extent>(batch->size);
    evaluation_.add(output_values(plan, model.graph(), size), batch->targets);
    if (stop_requested_()) return std::nullopt;
  }
  const NamedValues values = evaluation_.values();
  const double loss = values.front().second;
  if (!std::isfinite(loss)) diverge("the validation loss is " + number_text(loss), nullptr);
  return values;
}

std::optional<RunStatus> Trainer::finish_epoch(double lr, double seconds) {
  const double waited = loader_.wait_seconds() / seconds;
  check_parameters();
  const auto validation = validate();
  if (!validation) {
    save_last(progress_);
    return RunStatus::kInterrupted;
  }
  const double train_loss = progress_.loss_sum / static_cast<double>(progress_.samples);
  double monitored = train_loss;
  for (const auto& [name, value] : *validation)
    if (config_.monitor == "validation." + name) monitored = value;
  const Progress before = progress_;
  const bool is_best = note_best(monitored);
  const std::int64_t epoch = progress_.epoch + 1;
  const bool is_whole = progress_.batch == static_cast<std::int64_t>(loader_.batches());
  if (is_whole) {
    progress_.epoch = epoch;
    progress_.batch = progress_.samples = 0;
    progress_.loss_sum = 0;
  }
  tell(&Report::epoch,
       EpochEvent{epoch, progress_.step, train_loss, *validation, lr, seconds,
                  static_cast<double>(samples_this_time_) / seconds, waited, is_best});
  // The best first: should the run be killed in between, the last checkpoint is older and the epoch
  // is done again.
  if (is_best) save(folder_.best_checkpoint(), progress_);
  const bool is_last = progress_.epoch == config_.epochs || is_out_of_steps() ||
                       is_out_of_patience() || stop_requested_();
  // max_steps may end within an epoch. A run that goes on from there finishes the epoch first, as
  // if nobody had looked at its first part.
  if (is_last || epoch % config_.checkpoint_every.epochs == 0)
    save_last(is_whole ? progress_ : before);
  if (stop_requested_()) return RunStatus::kInterrupted;
  return std::nullopt;
}

bool Trainer::note_best(double value) {
  const double margin = config_.early_stopping ? config_.early_stopping->min_delta : 0;
  const bool higher =
      evaluation_.higher_is_better(config_.monitor.substr(config_.monitor.find('.') + 1));
  const double gain = higher ? value - progress_.best : progress_.best - value;
  const bool is_best = !std::isnan(value) && (!progress_.has_best || gain > margin);
  if (is_best) {
    progress_.has_best = true;
    progress_.best = value;
  }
  progress_.epochs_since_best = is_best ? 0 : progress_.epochs_since_best + 1;
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
      diverge("the parameter " + in_quotes(parameter.name) + " is not finite", nullptr);
}

void Trainer::save_last(const Progress& progress) {
  if (progress.step > 0) check_parameters();
  save(folder_.last_checkpoint(), progress);
  save_watch_.restart();
}

void Trainer::save(const std::filesystem::path& path, const Progress& progress) {
  Model& model = session_.model();
  save_checkpoint(
      path, model, session_.config().json,
      state_of(progress, optimizer_, session_.engine(), model.parameters(), session_.batch_size()));
}

EndEvent Trainer::end(RunStatus status, const std::string& message) {
  const EndEvent event{status,          progress_.epoch,    progress_.step,
                       config_.monitor, progress_.has_best, progress_.best,
                       message};
  tell(&Report::end, event);
  return event;
}

void Trainer::diverge(const std::string& what, Plan* plan) {
  std::string message = "epoch " + std::to_string(progress_.epoch + 1) + ", step " +
                        std::to_string(progress_.step + (plan == nullptr ? 0 : 1)) + ": " + what;
  if (plan != nullptr && !is_finite(plan->input().values()))
    message += "; the input of the batch is not finite";
  else if (plan != nullptr)
    if (const auto node = plan->first_non_finite_node())
      message += "; the first layer whose output is not finite is " + in_quotes(*node);
  message += "; the last good checkpoint is " + folder_.last_checkpoint().string() +
             "; a lower optimizer.lr or train.gradient_clip may help";
  end(RunStatus::kDiverged, message);
  throw Error(ExitCode::kDiverged, message);
}

}  // namespace lucid
