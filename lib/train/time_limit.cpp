#include "train/time_limit.h"

#include <algorithm>

namespace lucid {
namespace {

// Epochs are not equally long: a schedule is to end before the time does.
constexpr double kUsedShare = 0.97;

std::int64_t fitting_epochs(const Progress& progress, double limit) {
  const double left = kUsedShare * (limit - progress.seconds);
  constexpr double kMost = 1e12;
  const double more = progress.epoch_seconds > 0 ? left / progress.epoch_seconds : kMost;
  return progress.epoch + static_cast<std::int64_t>(std::clamp(more, 0.0, kMost));
}

}  // namespace

bool is_to_be_fitted(const Progress& progress, const TrainConfig& config) {
  return config.limit_seconds && progress.fitted_seconds != *config.limit_seconds;
}

std::int64_t planned_epochs(const Progress& progress, const TrainConfig& config) {
  if (!config.limit_seconds || is_to_be_fitted(progress, config)) return config.epochs;
  return std::min(config.epochs, progress.fitted_epochs);
}

bool fit_epochs(Progress& progress, const TrainConfig& config) {
  if (!config.limit_seconds) return false;
  const std::int64_t before = planned_epochs(progress, config);
  if (is_to_be_fitted(progress, config)) {
    progress.fitted_seconds = *config.limit_seconds;
    progress.fitted_epochs = fitting_epochs(progress, *config.limit_seconds);
  } else if (progress.epoch < before &&
             progress.seconds + progress.epoch_seconds > *config.limit_seconds) {
    progress.fitted_epochs = progress.epoch;
  }
  return planned_epochs(progress, config) != before;
}

void SteadySteps::add(double end_seconds) {
  if (count_ < kMostLeftOut) first_ends_[count_] = end_seconds;
  ++count_;
  last_end_ = end_seconds;
}

double SteadySteps::seconds(std::int64_t steps) const {
  if (count_ == 0) return 0;
  const std::size_t left_out = std::min(kMostLeftOut, count_ / 2);
  const double begin = left_out == 0 ? 0 : first_ends_[left_out - 1];
  return (last_end_ - begin) / static_cast<double>(count_ - left_out) * static_cast<double>(steps);
}

}  // namespace lucid
