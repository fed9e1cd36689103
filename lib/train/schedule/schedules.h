#pragma once

#include "train/schedule/schedule.h"

namespace lucid {

// The lines of the list in schedule.cpp: each reads its own arguments.
std::unique_ptr<Schedule> make_step_lr(JsonObject&, const ScheduleContext&);
std::unique_ptr<Schedule> make_multi_step_lr(JsonObject&, const ScheduleContext&);
std::unique_ptr<Schedule> make_exponential_lr(JsonObject&, const ScheduleContext&);
std::unique_ptr<Schedule> make_polynomial_lr(JsonObject&, const ScheduleContext&);
std::unique_ptr<Schedule> make_cosine_annealing_lr(JsonObject&, const ScheduleContext&);
std::unique_ptr<Schedule> make_linear_lr(JsonObject&, const ScheduleContext&);
std::unique_ptr<Schedule> make_one_cycle_lr(JsonObject&, const ScheduleContext&);
std::unique_ptr<Schedule> make_reduce_lr_on_plateau(JsonObject&, const ScheduleContext&);
std::unique_ptr<Schedule> make_sequential_lr(JsonObject&, const ScheduleContext&);

// A list of increasing integers >= 1. Empty, and reported as expected to be `what`, when it is
// none or `count` is given and differs.
std::vector<std::int64_t> read_milestones(JsonObject&, const std::string& what,
                                          std::optional<std::size_t> count = std::nullopt);

}  // namespace lucid
