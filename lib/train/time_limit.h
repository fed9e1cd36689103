#pragma once

#include <array>
#include <cstddef>

#include "train/progress.h"

namespace lucid {

// Returns the epochs of the run: those of the config or, once the first one has been timed, those
// that train.time_limit leaves room for.
std::int64_t planned_epochs(const Progress& progress, const TrainConfig& config);

// Returns true if the epochs are still to be fitted to the limit, which is new to the run.
bool is_to_be_fitted(const Progress& progress, const TrainConfig& config);

// Fits the epochs to the time that is left, or, where they have been fitted, ends the run if
// another epoch as long as the last one would end after the limit. Call it at the end of an epoch
// with its times noted. Returns true if the number of epochs is another one than before.
bool fit_epochs(Progress& progress, const TrainConfig& config);

// Knows when the first steps of an epoch, or of the rest of one, ended, and so how long steps take
// without these, which fill caches and memory.
class SteadySteps {
 public:
  void add(double end_seconds);  // since the epoch began; in increasing order
  // Returns the time of so many steps; 0 before the first step.
  double seconds(std::int64_t steps) const;

 private:
  static constexpr std::size_t kMostLeftOut = 10;

  std::array<double, kMostLeftOut> first_ends_{};
  std::size_t count_ = 0;
  double last_end_ = 0;
};

}  // namespace lucid
