#pragma once

#include "train/schedule/schedule.h"

namespace lucid {

// Where a run stands: complete epochs and steps, and what ReduceLROnPlateau did so far.
struct RunPoint {
  std::int64_t epoch = 0, step = 0, reductions = 0;
};

// How long a run is to be.
struct RunLength {
  std::int64_t epochs = 1, steps_per_epoch = 1;
  std::optional<std::int64_t> max_steps{};
};

enum class ScheduleUnit { kEpoch, kStep };

// The rate rises linearly from start_factor of the schedule's first rate to all of it; the schedule
// begins after that.
struct WarmUp {
  ScheduleUnit unit = ScheduleUnit::kEpoch;
  std::int64_t length = 0;
  double start_factor = 1;
};

// The learning rates of a run: the optimizer's rate, a schedule in one of two units, and a warm-up
// before it. A pure function of where the run stands.
class LearningRate {
 public:
  explicit LearningRate(double rate) : rate_(rate), schedule_(constant_schedule()) {}
  LearningRate(double rate, std::unique_ptr<Schedule> schedule, ScheduleUnit unit,
               const WarmUp& warm_up)
      : rate_(rate), schedule_(std::move(schedule)), unit_(unit), warm_up_(warm_up) {}

  // `lr_factor` is that of a parameter group; 1 for the others.
  double rate(double lr_factor, const RunPoint& point, const RunLength& length) const;
  // What a schedule cycles beside the rate; empty when the optimizer's own holds.
  std::optional<double> momentum(const RunPoint& point, const RunLength& length) const;
  bool cycles_momentum() const { return momentum({}, {}).has_value(); }
  // Called after an epoch, counted from 0, with the monitored value.
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

// The "scheduler" section: a schedule with "unit" and "warmup". With a warm-up, "type" may be left
// out: the rate is constant after it.
LearningRate read_learning_rate(JsonObject&, double rate, const ScheduleContext&);

}  // namespace lucid
