#include <algorithm>
#include <cmath>
#include <numbers>

#include "train/schedule_kinds.h"

namespace lucid {
namespace {

class CosineAnnealingLR final : public Schedule {
 public:
  CosineAnnealingLR(std::int64_t half_period, double lowest)
      : half_period_(static_cast<double>(half_period)), lowest_(lowest) {}
  double rate(double base_rate, std::int64_t epoch) const override {
    const double angle = std::numbers::pi * static_cast<double>(epoch) / half_period_;
    return lowest_ + (base_rate - lowest_) * (1 + std::cos(angle)) / 2;
  }

 private:
  double half_period_, lowest_;
};

}  // namespace

std::unique_ptr<Schedule> make_cosine_annealing_lr(JsonObject& object, std::int64_t epochs) {
  const std::int64_t half_period =
      object.integer("T_max", {.low = 1}, std::max<std::int64_t>(epochs, 1));
  return std::make_unique<CosineAnnealingLR>(half_period,
                                             object.number("eta_min", {.low = 0}, 0.0));
}

}  // namespace lucid
