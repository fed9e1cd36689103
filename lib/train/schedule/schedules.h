#pragma once
// Private to this room.

#include <memory>

#include "train/schedule/schedule.h"

namespace lucid {

// The entries of the registry in schedule.cpp; each reads its own arguments.
std::unique_ptr<Schedule> make_step_lr(JsonObject&, const ScheduleContext&);
std::unique_ptr<Schedule> make_multi_step_lr(JsonObject&, const ScheduleContext&);
std::unique_ptr<Schedule> make_exponential_lr(JsonObject&, const ScheduleContext&);
std::unique_ptr<Schedule> make_polynomial_lr(JsonObject&, const ScheduleContext&);
std::unique_ptr<Schedule> make_cosine_annealing_lr(JsonObject&, const ScheduleContext&);
std::unique_ptr<Schedule> make_linear_lr(JsonObject&, const ScheduleContext&);
std::unique_ptr<Schedule> make_one_cycle_lr(JsonObject&, const ScheduleContext&);
std::unique_ptr<Schedule> make_reduce_lr_on_plateau(JsonObject&, const ScheduleContext&);
std::unique_ptr<Schedule> make_sequential_lr(JsonObject&, const ScheduleContext&);

}  // namespace lucid
