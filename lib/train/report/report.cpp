#include "train/report/report.h"

#include <cmath>
#include <cstdio>

#include "base/text.h"

namespace lucid {

std::string status_text(RunStatus status) {
  switch (status) {
    case RunStatus::kFinished:
      return "finished";
    case RunStatus::kEarlyStopping:
      return "early_stopping";
    case RunStatus::kInterrupted:
      return "interrupted";
    case RunStatus::kDiverged:
      return "diverged";
  }
  return "";
}

namespace {

// Returns the bytes read from files and the hit rate of the chunk cache; empty if nothing was read.
std::string reading_text(const ReadCounts& read) {
  std::string text;
  if (read.stored_bytes > 0)
    text += "  read " + bytes_text(static_cast<std::size_t>(read.stored_bytes));
  if (const std::uint64_t chunks = read.hits + read.misses; chunks > 0)
    text += "  cache hits " +
            fixed_text(100.0 * static_cast<double>(read.hits) / static_cast<double>(chunks), 0) +
            "%";
  return text;
}

}  // namespace

std::string measured_text(double value) {
  return std::isnan(value) ? "undefined" : fixed_text(value, 4);
}

std::string epoch_line(const EpochEvent& event, std::int64_t epochs) {
  std::string line = "epoch " + std::to_string(event.epoch) + "/" + std::to_string(epochs) +
                     "  train.loss " + measured_text(event.train_loss);
  for (const auto& [name, value] : event.validation.values)
    line += "  validation." + name + " " + measured_text(value);
  char text[96];
  std::snprintf(text, sizeof text, "  lr %.3g  %.1f s  %.*f samples/s  waited %.1f%%", event.lr,
                event.seconds, event.samples_per_second < 10 ? 1 : 0, event.samples_per_second,
                event.data_wait * 100);
  return line + text + reading_text(event.read) + (event.best ? "  best" : "");
}

}  // namespace lucid
