#include "train_progress.h"

#include <cmath>

#include "base/text.h"

namespace lucid {
namespace {

// Returns how long `left` items take where `done` took so long; nothing before the first.
std::optional<double> seconds_left(double seconds, std::int64_t done, std::int64_t left) {
  if (done <= 0 || left < 0) return {};
  return seconds / static_cast<double>(done) * static_cast<double>(left);
}

}  // namespace

TrainProgress::TrainProgress(std::int64_t log_every, Kind kind)
    : bar_(kind == Kind::kDrawn ? ProgressBar::Kind::kDrawn : ProgressBar::Kind::kNone),
      is_drawn_(kind == Kind::kDrawn && bar_.is_terminal()),
      log_every_(log_every) {}

void TrainProgress::begin(const BeginEvent& event) {
  plan(event);
  bar_.print(event.name + ": " + with_thousands(event.parameters) + " parameters, " +
             with_thousands(event.train_samples) + " samples to train on, " +
             with_thousands(event.validation_samples) + " to validate; " + event.machine +
             "; run folder " + event.folder);
}

void TrainProgress::plan(const BeginEvent& event) {
  status_.epochs = event.epochs;
  status_.batches = event.batches;
  status_.monitor = event.monitor;
  if (event.has_best) status_.best = event.best;
  steps_ = event.steps;
}

void TrainProgress::step(const StepEvent& event) {
  constexpr double kRedrawSeconds = 0.1;
  if (first_batch_ == 0) {
    first_batch_ = event.batch;
    epoch_watch_.restart();
  }
  if (first_step_ == 0) {
    first_step_ = event.step;
    run_watch_.restart();
  }
  if (!is_drawn_) {
    if (event.step % log_every_ == 0)
      bar_.print("epoch " + std::to_string(event.epoch) + "/" + std::to_string(status_.epochs) +
                 "  step " + std::to_string(event.step) + "  loss " +
                 (std::isnan(event.loss) ? "undefined" : number_text(event.loss)));
    return;
  }
  if (draw_watch_.seconds() < kRedrawSeconds && event.batch < status_.batches) return;
  draw(event);
  draw_watch_.restart();
}

void TrainProgress::draw(const StepEvent& event) {
  status_.epoch = event.epoch;
  status_.step = event.step;
  status_.batch = event.batch;
  status_.loss = static_cast<double>(event.loss);
  status_.samples_per_second = event.samples_per_second;
  status_.epoch_seconds_left = seconds_left(epoch_watch_.seconds(), event.batch - first_batch_,
                                            status_.batches - event.batch);
  status_.run_seconds_left =
      seconds_left(run_watch_.seconds(), event.step - first_step_, steps_ - event.step);
  bar_.draw(status_line(status_, terminal_columns() - 1));
}

void TrainProgress::remember(const EpochEvent& event) {
  first_batch_ = 0;
  status_.others.clear();
  status_.last.reset();
  if (status_.monitor == "train.loss") status_.last = event.train_loss;
  for (const auto& [name, value] : event.validation.values)
    status_.others.emplace_back("validation." + name, value);
  for (const auto& [name, value] : event.validation.details)
    if ("validation." + name == status_.monitor) status_.last = value;
  std::erase_if(status_.others, [&](const auto& named) {
    if (named.first == status_.monitor) status_.last = named.second;
    return named.first == status_.monitor;
  });
  if (event.best) status_.best = status_.last;
}

void TrainProgress::epoch(const EpochEvent& event) {
  remember(event);
  bar_.print(epoch_line(event, status_.epochs));
}

void TrainProgress::time_limit(const TimeLimitEvent& event) {
  status_.epochs = event.epochs;
  steps_ = event.steps;
  bar_.print(time_limit_line(event));
}

void TrainProgress::clear() {
  if (first_batch_ != 0) bar_.clear();
}

void TrainProgress::end(const EndEvent& event) {
  clear();
  if (event.message.empty()) bar_.print(status_text(event.status));
}

void TrainProgress::note(const std::string& line) { bar_.print(line); }

}  // namespace lucid
