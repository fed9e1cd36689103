#pragma once

#include "train/schedule.h"

namespace lucid {

// The lines of the list in schedule.cpp: each reads its own arguments.
std::unique_ptr<Schedule> make_step_lr(JsonObject&, std::int64_t epochs);
std::unique_ptr<Schedule> make_cosine_annealing_lr(JsonObject&, std::int64_t epochs);
std::unique_ptr<Schedule> make_linear_lr(JsonObject&, std::int64_t epochs);
std::unique_ptr<Schedule> make_sequential_lr(JsonObject&, std::int64_t epochs);

}  // namespace lucid
