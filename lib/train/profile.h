#pragma once

#include <string>

#include "train/session.h"

namespace lucid {

// Takes `steps` training steps on the set's batches (after one that is not counted) and tells where
// the time went: a row a step of the plan, then loss, optimizer and the wait for data. Moves the
// parameters.
std::string profile(Session& session, std::int64_t steps);

}  // namespace lucid
