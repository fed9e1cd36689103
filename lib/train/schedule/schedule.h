#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/json.h"

namespace lucid {

// Where a run stands for a schedule, in the schedule's unit: epochs or steps.
struct SchedulePoint {
  std::int64_t at = 0;      // since the schedule began; counts from 0
  std::int64_t length = 0;  // what there is of it in the whole run; PyTorch's T_max, total_steps
  std::int64_t reductions = 0;  // of ReduceLROnPlateau so far
};

// What ReduceLROnPlateau remembers from epoch to epoch. Part of a checkpoint.
struct PlateauState {
  bool has_best = false;
  double best = 0;
  std::int64_t bad_epochs = 0, cooldown = 0, reductions = 0;
};

// The learning rate at a point of a run, a pure function: what there is to remember is handed in.
class Schedule {
 public:
  virtual ~Schedule() = default;
  virtual double rate(double base_rate, const SchedulePoint& point) const = 0;
  // The momentum, or Adam's first beta, of a schedule that cycles it; else empty.
  virtual std::optional<double> momentum(const SchedulePoint&) const { return std::nullopt; }
  // The base rate where a schedule has one of its own (OneCycleLR's max_lr).
  virtual double base_rate(double optimizer_rate) const { return optimizer_rate; }
  // Called after each epoch with the monitored value.
  virtual void watch(double /*monitored*/, PlateauState&) const {}
};

// What a schedule is read with, besides its own arguments.
struct ScheduleContext {
  bool higher_is_better = false;  // of the value that train.monitor names
  bool is_part = false;           // of SequentialLR
};

// Reads "type" and its arguments, calls finish(). Null when the type is unknown, which is reported.
std::unique_ptr<Schedule> make_schedule(JsonObject&, const ScheduleContext&);
std::unique_ptr<Schedule> constant_schedule();

}  // namespace lucid
