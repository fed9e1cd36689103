#include "train_progress.h"

#include <algorithm>
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

// Returns " [=====   ]" in what the other columns of the terminal leave, nothing if that is little.
std::string bar_text(double share, std::size_t others) {
  constexpr std::size_t kMost = 24, kLeast = 5,
                        kFrame = 4;  // the frame: " [", "]", the last column
  const std::size_t columns = terminal_columns();
  if (columns < others + kFrame + kLeast) return "";
  const std::size_t width = std::min(kMost, columns - others - kFrame);
  const auto filled = static_cast<std::size_t>(static_cast<double>(width) * share);
  return " [" + std::string(std::min(filled, width), '=') +
         std::string(width - std::min(filled, width), ' ') + "]";
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
  const std::int64_t done = event.batch - first_batch_;
  const double left = done == 0 ? 0
                                : epoch_watch_.seconds() / static_cast<double>(done) *
                                      static_cast<double>(batches_ - event.batch);
  const std::string before = "epoch " + std::to_string(event.epoch) + "/" + std::to_string(epochs_);
  const std::string after = " " + std::to_string(event.batch) + "/" + std::to_string(batches_) +
                            "  loss " + fixed_value_text(static_cast<double>(event.loss), 4) +
                            "  " + fixed_text(event.samples_per_second, 0) + " samples/s  ETA " +
                            clock_text(left);
  const double share = static_cast<double>(event.batch) / static_cast<double>(batches_);
  bar_.draw(before + bar_text(share, before.size() + after.size()) + after);
}

void TrainProgress::epoch(const EpochEvent& event) {
  first_batch_ = 0;
  bar_.print(epoch_line(event, epochs_));
}

void TrainProgress::end(const EndEvent& event) {
  if (first_batch_ != 0) bar_.clear();
  if (event.message.empty()) bar_.print(status_text(event.status));
}

void TrainProgress::note(const std::string& line) { bar_.print(line); }

}  // namespace lucid
