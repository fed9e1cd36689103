#include <algorithm>

#include "train/schedule_kinds.h"

namespace lucid {
namespace {

class LinearLR final : public Schedule {
 public:
  LinearLR(double start, double end, std::int64_t epochs)
      : start_(start), end_(end), epochs_(epochs) {}
  double rate(double base_rate, std::int64_t epoch) const override {
    const double progress =
        static_cast<double>(std::min(epoch, epochs_)) / static_cast<double>(epochs_);
    return base_rate * (start_ + (end_ - start_) * progress);
  }

 private:
  double start_, end_;  // factors of the base rate
  std::int64_t epochs_;
};

}  // namespace

std::unique_ptr<Schedule> make_linear_lr(JsonObject& object, std::int64_t) {
  const double start =
      object.number("start_factor", {.low = 0, .high = 1, .above_low = true}, 1.0 / 3);
  const double end = object.number("end_factor", {.low = 0, .high = 1}, 1.0);
  return std::make_unique<LinearLR>(start, end, object.integer("total_iters", {.low = 1}, 5));
}

}  // namespace lucid
