#include <cmath>

#include "train/schedule_kinds.h"

namespace lucid {
namespace {

class StepLR final : public Schedule {
 public:
  StepLR(std::int64_t step_size, double gamma) : step_size_(step_size), gamma_(gamma) {}
  double rate(double base_rate, std::int64_t epoch) const override {
    return base_rate * std::pow(gamma_, static_cast<double>(epoch / step_size_));
  }

 private:
  std::int64_t step_size_;
  double gamma_;
};

}  // namespace

std::unique_ptr<Schedule> make_step_lr(JsonObject& object, std::int64_t) {
  const std::int64_t step_size = object.integer("step_size", {.low = 1});
  return std::make_unique<StepLR>(step_size, object.number("gamma", {.low = 0}, 0.1));
}

}  // namespace lucid
