#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "train/schedule/schedules.h"

namespace lucid {
namespace {

// Returns the part of `total` that has passed, from 0 to 1.
double part_of(std::int64_t at, std::int64_t total) {
  return static_cast<double>(std::min(at, total)) / static_cast<double>(total);
}

class LinearLR final : public Schedule {
 public:
  LinearLR(double start, double end, std::int64_t total)
      : start_(start), end_(end), total_(total) {}
  double rate(double base_rate, const SchedulePoint& point) const override {
    return base_rate * (start_ + (end_ - start_) * part_of(point.at, total_));
  }

 private:
  double start_, end_;  // factors of the base rate
  std::int64_t total_;
};

class PolynomialLR final : public Schedule {
 public:
  PolynomialLR(std::optional<std::int64_t> total, double power) : total_(total), power_(power) {}
  double rate(double base_rate, const SchedulePoint& point) const override {
    const std::int64_t total = total_.value_or(std::max<std::int64_t>(point.length, 1));
    return base_rate * std::pow(1 - part_of(point.at, total), power_);
  }

 private:
  std::optional<std::int64_t> total_;  // empty: the run's length
  double power_;
};

}  // namespace

std::unique_ptr<Schedule> make_linear_lr(JsonObject& object, const ScheduleContext&) {
  const double start =
      object.number("start_factor", {.low = 0, .high = 1, .above_low = true}, 1.0 / 3);
  const double end = object.number("end_factor", {.low = 0, .high = 1}, 1.0);
  return std::make_unique<LinearLR>(start, end, object.integer("total_iters", {.low = 1}, 5));
}

std::unique_ptr<Schedule> make_polynomial_lr(JsonObject& object, const ScheduleContext&) {
  std::optional<std::int64_t> total;
  const Json* given = object.find("total_iters");
  if (given == nullptr || *given != "auto") total = object.integer("total_iters", {.low = 1}, 5);
  return std::make_unique<PolynomialLR>(total,
                                        object.number("power", {.low = 0, .above_low = true}, 1.0));
}

}  // namespace lucid
