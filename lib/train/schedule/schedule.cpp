#include "train/schedule/schedule.h"

#include <array>
#include <nlohmann/json.hpp>

#include "base/registry.h"
#include "train/schedule/schedules.h"

namespace lucid {
namespace {

using MakeSchedule = std::unique_ptr<Schedule> (*)(JsonObject&, const ScheduleContext&);

constexpr std::array kSchedules = {
    Named<MakeSchedule>{"CosineAnnealingLR", make_cosine_annealing_lr},
    Named<MakeSchedule>{"ExponentialLR", make_exponential_lr},
    Named<MakeSchedule>{"LinearLR", make_linear_lr},
    Named<MakeSchedule>{"MultiStepLR", make_multi_step_lr},
    Named<MakeSchedule>{"OneCycleLR", make_one_cycle_lr},
    Named<MakeSchedule>{"PolynomialLR", make_polynomial_lr},
    Named<MakeSchedule>{"ReduceLROnPlateau", make_reduce_lr_on_plateau},
    Named<MakeSchedule>{"SequentialLR", make_sequential_lr},
    Named<MakeSchedule>{"StepLR", make_step_lr},
};

class Constant final : public Schedule {
  double rate(double base_rate, const SchedulePoint&) const override { return base_rate; }
};

}  // namespace

std::unique_ptr<Schedule> make_schedule(JsonObject& object, const ScheduleContext& context) {
  object.only("last_epoch", -1);
  object.only("verbose", false);
  return make_named(kSchedules, "scheduler", object, context);
}

std::unique_ptr<Schedule> constant_schedule() { return std::make_unique<Constant>(); }

}  // namespace lucid
