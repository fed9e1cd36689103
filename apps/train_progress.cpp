#include "train_progress.h"

#include <cmath>
#include <cstdio>

#include "base/text.h"

namespace lucid {
namespace {

std::string clock_text(double seconds) {
  const auto whole = static_cast<long long>(seconds + 0.5);
  char text[32];
  if (whole >= 3600)
    std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", whole / 3600, whole / 60 % 60,
                  whole % 60);
  else
    std::snprintf(text, sizeof text, "%lld:%02lld", whole / 60, whole % 60);
  return text;
}

}  // namespace

TrainProgress::TrainProgress(std::int64_t log_every) : log_every_(log_every) {}

void TrainProgress::begin(const BeginEvent& event) {
  epochs_ = event.epochs;
  batches_ = event.batches;
  bar_.print(event.name + ": " + with_thousands(event.parameters) + " parameters, " +
             with_thousands(event.train_samples) + " samples to train on, " +
             with_thousands(event.validation_samples) + " to validate; " + event.machine +
             "; run folder " + event.folder);
}

void TrainProgress::step(const StepEvent& event) {
  constexpr double kRedrawSeconds = 0.1;
  if (first_batch_ == 0) {
    first_batch_ = event.batch;
    epoch_watch_.restart();
  }
  if (!bar_.is_terminal()) {
    if (event.step % log_every_ == 0)
      bar_.print("epoch " + std::to_string(event.epoch) + "/" + std::to_string(epochs_) +
                 "  step " + std::to_string(event.step) + "  loss " +
                 (std::isnan(event.loss) ? "undefined" : number_text(event.loss)));
    return;
  }
  if (draw_watch_.seconds() < kRedrawSeconds && event.batch < batches_) return;
  draw(event);
  draw_watch_.restart();
}

void TrainProgress::draw(const StepEvent& event) {
  constexpr std::int64_t kWidth = 24;
  const auto filled = static_cast<std::size_t>(kWidth * event.batch / batches_);
  std::string bar(filled, '=');
  bar += std::string(static_cast<std::size_t>(kWidth) - filled, ' ');
  const std::int64_t done = event.batch - first_batch_;
  const double left = done == 0 ? 0
                                : epoch_watch_.seconds() / static_cast<double>(done) *
                                      static_cast<double>(batches_ - event.batch);
  char text[160];
  std::snprintf(text, sizeof text,
                "epoch %lld/%lld [%s] %lld/%lld  loss %s  %.0f samples/s  ETA %s",
                static_cast<long long>(event.epoch), static_cast<long long>(epochs_), bar.c_str(),
                static_cast<long long>(event.batch), static_cast<long long>(batches_),
                measured_text(static_cast<double>(event.loss)).c_str(), event.samples_per_second,
                clock_text(left).c_str());
  bar_.draw(text);
}

void TrainProgress::epoch(const EpochEvent& event) {
  first_batch_ = 0;
  bar_.print(epoch_line(event, epochs_));
}

void TrainProgress::end(const EndEvent& event) {
  if (first_batch_ != 0) bar_.clear();
  if (event.status != RunStatus::kDiverged) bar_.print(status_text(event.status));
}

void TrainProgress::note(const std::string& line) { bar_.print(line); }

}  // namespace lucid
