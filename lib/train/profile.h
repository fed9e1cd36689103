#pragma once

#include <string>

#include "train/session.h"

namespace lucid {

// Takes `steps` training steps of one shard after a warm-up step and returns a table of their
// times: one row per step of the plan, then loss, optimizer and the wait for data. Changes the
// parameters.
std::string profile(Session& session, std::int64_t steps);

}  // namespace lucid
