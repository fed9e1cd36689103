#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/json.h"

namespace lucid {

// The position of a run in the unit of the schedule, epochs or steps.
struct SchedulePoint {
  std::int64_t at = 0;  // since the schedule began; counts from 0
  // The length of the schedule in this run, the default of PyTorch's T_max and total_steps.
  std::int64_t length = 0;
  std::int64_t reductions = 0;  // by ReduceLROnPlateau so far
};

// The state of ReduceLROnPlateau, which checkpoints hold.
struct PlateauState {
  bool has_best = false;
  double best = 0;
  std::int64_t bad_epochs = 0, cooldown = 0, reductions = 0;
};

// The learning rate at a point of a run. A pure function: any state is passed in.
class Schedule {
 public:
  virtual ~Schedule() = default;
  virtual double rate(double base_rate, const SchedulePoint& point) const = 0;
  // The momentum, or Adam's first beta, if the schedule cycles it.
  virtual std::optional<double> momentum(const SchedulePoint&) const { return std::nullopt; }
  // A schedule may have a base rate of its own (OneCycleLR's max_lr).
  virtual double base_rate(double optimizer_rate) const { return optimizer_rate; }
  // Is called after each epoch with the monitored value.
  virtual void watch(double /*monitored*/, PlateauState&) const {}
};

// Facts from outside a schedule's section that affect how it is read.
struct ScheduleContext {
  bool higher_is_better = false;  // for the value that train.monitor names
  bool is_part = false;           // of SequentialLR
};

// Reads "type" and its arguments, then calls finish(). Reports an unknown type and returns null.
std::unique_ptr<Schedule> make_schedule(JsonObject&, const ScheduleContext&);
std::unique_ptr<Schedule> constant_schedule();

}  // namespace lucid
