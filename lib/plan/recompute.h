#pragma once

#include "plan/storage_use.h"

namespace lucid {

// By storage: whether what the forward pass writes there stays for the way back. What does not is
// computed again when the way back first needs it, from what stays, and then stays until its last
// use.
using Kept = std::vector<bool>;

// A step of a recording in its new place.
struct ScheduledStep {
  std::size_t step = 0;  // of the recording
  bool is_recomputed = false;
  std::vector<int> storage;  // of each argument; beyond the recording's values: a copy
};

struct Schedule {
  std::vector<ScheduledStep> steps;  // the forward ones first, as they were
  std::vector<int> copy_of;          // by copy: the storage whose contents it holds again
};

Kept keep_what_is_used(const StorageUse& use);  // nothing is computed again
Schedule schedule(const StorageUse& use, const Kept& kept);
// All storage in the arena, copies behind the rest; what is unused has no ranges.
std::vector<Buffer> buffers_of(const StorageUse& use, const Schedule& schedule);

// Rewrites the recording's steps.
void apply(Recording& recording, const Schedule& schedule);

}  // namespace lucid
