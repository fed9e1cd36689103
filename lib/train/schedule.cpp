#include "train/schedule.h"

#include <array>
#include <nlohmann/json.hpp>

#include "base/catalogue.h"
#include "train/schedule_kinds.h"

namespace lucid {
namespace {

using MakeSchedule = std::unique_ptr<Schedule> (*)(JsonObject&, std::int64_t);

constexpr std::array kSchedules = {
    Named<MakeSchedule>{"CosineAnnealingLR", make_cosine_annealing_lr},
    Named<MakeSchedule>{"LinearLR", make_linear_lr},
    Named<MakeSchedule>{"SequentialLR", make_sequential_lr},
    Named<MakeSchedule>{"StepLR", make_step_lr},
};

class Constant final : public Schedule {
  double rate(double base_rate, std::int64_t) const override { return base_rate; }
};

}  // namespace

std::unique_ptr<Schedule> make_schedule(JsonObject& object, std::int64_t epochs) {
  object.only("last_epoch", -1);
  object.only("verbose", false);
  return make_named(kSchedules, "scheduler", object, epochs);
}

std::unique_ptr<Schedule> constant_schedule() { return std::make_unique<Constant>(); }

}  // namespace lucid
