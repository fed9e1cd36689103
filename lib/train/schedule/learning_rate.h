#pragma once

#include "train/schedule/schedule.h"

namespace lucid {

// The position of a run: complete epochs and steps, and the reductions of ReduceLROnPlateau so far.
struct RunPoint {
  std::int64_t epoch = 0, step = 0, reductions = 0;
};

// The planned length of a run.
struct RunLength {
  std::int64_t epochs = 1, steps_per_epoch = 1;
  std::optional<std::int64_t> max_steps{};
};

enum class ScheduleUnit { kEpoch, kStep };

// A warm-up multiplies the first rate of the schedule by a factor that rises linearly from
// start_factor to 1. The schedule begins after it.
struct WarmUp {
  ScheduleUnit unit = ScheduleUnit::kEpoch;
  std::int64_t length = 0;
  double start_factor = 1;
};

// The learning rates of a run: the optimizer's rate, a warm-up, and a schedule in epochs or steps.
// They are a pure function of the position of the run.
class LearningRate {
 public:
  explicit LearningRate(double rate) : rate_(rate), schedule_(constant_schedule()) {}
  LearningRate(double rate, std::unique_ptr<Schedule> schedule, ScheduleUnit unit,
               const WarmUp& warm_up)
      : rate_(rate), schedule_(std::move(schedule)), unit_(unit), warm_up_(warm_up) {}

  // `lr_factor` is that of a parameter group, or 1.
  double rate(double lr_factor, const RunPoint& point, const RunLength& length) const;
  // The momentum of a schedule that cycles it; empty if the optimizer's own is used.
  std::optional<double> momentum(const RunPoint& point, const RunLength& length) const;
  bool cycles_momentum() const { return momentum({}, {}).has_value(); }
  // Call it after each epoch (counted from 0) with the monitored value.
  void watch(std::int64_t epoch, double monitored, const RunLength& length,
             PlateauState& state) const;

 private:
  std::int64_t warm_up_length(ScheduleUnit unit, const RunLength& length) const;
  SchedulePoint place_of(const RunPoint& point, const RunLength& length) const;

  double rate_;
  std::unique_ptr<Schedule> schedule_;
  ScheduleUnit unit_ = ScheduleUnit::kEpoch;
  WarmUp warm_up_;
};

// Reads the "scheduler" section: a schedule, "unit" and "warmup". With a warm-up, "type" may be
// omitted; the rate is constant after it.
LearningRate read_learning_rate(JsonObject&, double rate, const ScheduleContext&);

}  // namespace lucid
