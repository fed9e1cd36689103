#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "objective/metric/metric.h"

namespace lucid {

// Where a run stands within an epoch. What is not known is left out of the line.
struct TrainStatus {
  std::int64_t epoch = 1, epochs = 1, step = 0;
  std::int64_t batch = 0, batches = 0;  // 0 batches: not known
  double loss = 0;
  double samples_per_second = 0;
  std::optional<double> epoch_seconds_left{}, run_seconds_left{};
  std::string monitor{};         // "validation.dice"
  std::optional<double> last{};  // the monitored value of the last epoch
  std::optional<double> best{};  // and the best one
  NamedValues others{};          // of the last epoch: "validation.loss"
};

// Returns what fits into so many columns, the more important first, with a bar that takes what is
// left: "epoch 3/20 [===  ] 12/40  loss 0.1234  validation.dice 0.8123  best 0.8301  ...".
std::string status_line(const TrainStatus& status, std::size_t columns);

// Writes 3725 as "1:02:05".
std::string clock_text(double seconds);

}  // namespace lucid
