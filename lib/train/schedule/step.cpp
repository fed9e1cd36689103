#include <algorithm>
#include <cmath>

#include "train/schedule/milestones.h"
#include "train/schedule/schedules.h"

namespace lucid {
namespace {

class StepLR final : public Schedule {
 public:
  StepLR(std::int64_t step_size, double gamma) : step_size_(step_size), gamma_(gamma) {}
  double rate(double base_rate, const SchedulePoint& point) const override {
    return base_rate * std::pow(gamma_, static_cast<double>(point.at / step_size_));
  }

 private:
  std::int64_t step_size_;
  double gamma_;
};

class MultiStepLR final : public Schedule {
 public:
  MultiStepLR(std::vector<std::int64_t> milestones, double gamma)
      : milestones_(std::move(milestones)), gamma_(gamma) {}
  double rate(double base_rate, const SchedulePoint& point) const override {
    const auto passed = std::ranges::upper_bound(milestones_, point.at) - milestones_.begin();
    return base_rate * std::pow(gamma_, static_cast<double>(passed));
  }

 private:
  std::vector<std::int64_t> milestones_;
  double gamma_;
};

class ExponentialLR final : public Schedule {
 public:
  explicit ExponentialLR(double gamma) : gamma_(gamma) {}
  double rate(double base_rate, const SchedulePoint& point) const override {
    return base_rate * std::pow(gamma_, static_cast<double>(point.at));
  }

 private:
  double gamma_;
};

}  // namespace

std::unique_ptr<Schedule> make_step_lr(JsonObject& object, const ScheduleContext&) {
  const std::int64_t step_size = object.integer("step_size", {.low = 1});
  return std::make_unique<StepLR>(step_size, object.number("gamma", {.low = 0}, 0.1));
}

std::unique_ptr<Schedule> make_multi_step_lr(JsonObject& object, const ScheduleContext&) {
  std::vector<std::int64_t> milestones =
      read_milestones(object, "a list of increasing integers >= 1");
  return std::make_unique<MultiStepLR>(std::move(milestones),
                                       object.number("gamma", {.low = 0}, 0.1));
}

std::unique_ptr<Schedule> make_exponential_lr(JsonObject& object, const ScheduleContext&) {
  return std::make_unique<ExponentialLR>(object.number("gamma", {.low = 0}));
}

}  // namespace lucid
