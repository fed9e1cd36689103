#pragma once

#include "train/progress.h"
#include "train/schedule/learning_rate.h"
#include "train/session/session.h"

namespace lucid {

// Returns the planned length of the session's run, as the config has it or as it was fitted to the
// time limit.
RunLength run_length(const Session& session);
RunLength run_length(const Session& session, const Progress& progress);

// Returns true if nothing is left to train: epochs, steps or patience are used up.
bool is_finished(const Progress& progress, const TrainConfig& config);

// What a checkpoint keeps beside Progress, to tell on resuming what has changed: the sets, the
// steps of an epoch, and the machine.
State facts_of(Session& session);

// The names of the sets in the "data" section; the text `NAME_set` of the facts describes each.
inline constexpr const char* kSetNames[] = {"train", "validation"};

}  // namespace lucid
