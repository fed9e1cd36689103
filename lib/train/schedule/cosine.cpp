#include <algorithm>
#include <cmath>
#include <numbers>

#include "train/schedule/schedules.h"

namespace lucid {
namespace {

class CosineAnnealingLR final : public Schedule {
 public:
  CosineAnnealingLR(std::optional<std::int64_t> half_period, double lowest)
      : half_period_(half_period), lowest_(lowest) {}
  double rate(double base_rate, const SchedulePoint& point) const override {
    const std::int64_t half_period = half_period_.value_or(std::max<std::int64_t>(point.length, 1));
    const double angle =
        std::numbers::pi * static_cast<double>(point.at) / static_cast<double>(half_period);
    return lowest_ + (base_rate - lowest_) * (1 + std::cos(angle)) / 2;
  }

 private:
  std::optional<std::int64_t> half_period_;  // empty: the run's length
  double lowest_;
};

}  // namespace

std::unique_ptr<Schedule> make_cosine_annealing_lr(JsonObject& object, const ScheduleContext&) {
  std::optional<std::int64_t> half_period;
  if (object.has("T_max")) half_period = object.integer("T_max", {.low = 1});
  return std::make_unique<CosineAnnealingLR>(half_period,
                                             object.number("eta_min", {.low = 0}, 0.0));
}

}  // namespace lucid
