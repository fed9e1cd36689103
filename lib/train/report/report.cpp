#include "train/report/report.h"

#include <algorithm>
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

constexpr double kUnusualWait = 0.01;  // beyond the mean: less is not worth a look

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

std::string percent_text(double share) { return fixed_text(100 * share, 1) + "%"; }

// Means over the ranks, and the rank that waited longest for data if it is no usual one.
std::string waits_text(const EpochEvent& event) {
  if (event.ranks.empty()) return "  waited " + percent_text(event.data_wait);
  const auto count = static_cast<double>(event.ranks.size());
  RankWaits mean;
  for (const RankWaits& waits : event.ranks) {
    mean.data += waits.data / count;
    mean.communication += waits.communication / count;
  }
  const auto worst = std::ranges::max_element(event.ranks, {}, &RankWaits::data);
  std::string text = "  waits: data " + percent_text(mean.data);
  if (worst->data > mean.data + kUnusualWait)
    text += " (rank " + std::to_string(worst - event.ranks.begin()) + ": " +
            percent_text(worst->data) + ")";
  return text + ", communication " + percent_text(mean.communication);
}

}  // namespace

std::string epoch_line(const EpochEvent& event, std::int64_t epochs) {
  std::string line = "epoch " + std::to_string(event.epoch) + "/" + std::to_string(epochs) +
                     "  train.loss " + fixed_value_text(event.train_loss, 4);
  for (const auto& [name, value] : event.validation.values)
    line += "  validation." + name + " " + fixed_value_text(value, 4);
  char text[96];
  std::snprintf(text, sizeof text, "  lr %.3g  %.1f s  %.*f samples/s", event.lr, event.seconds,
                event.samples_per_second < 10 ? 1 : 0, event.samples_per_second);
  return line + text + waits_text(event) + reading_text(event.read) + (event.best ? "  best" : "");
}

std::string time_limit_line(const TimeLimitEvent& event) {
  return "train.time_limit: the run takes " + std::to_string(event.epochs) +
         " epochs, as one takes " + fixed_text(event.epoch_seconds, 1) + " s and " +
         fixed_text(event.seconds, 1) + " of " + fixed_text(event.limit_seconds, 1) +
         " s have passed";
}

}  // namespace lucid
