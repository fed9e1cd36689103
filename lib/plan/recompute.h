#pragma once

#include "plan/storage_use.h"

namespace lucid {

// Says for each storage whether its contents are kept from the forward to the backward pass.
// Contents that are not kept are recomputed when the backward pass first needs them, and then kept
// to their last use.
using Kept = std::vector<bool>;

// A step of a recording in its new position.
struct ScheduledStep {
  std::size_t step = 0;  // of the recording
  bool is_recomputed = false;
  std::vector<int> storage;  // by argument; ids beyond the recording's values are copies
};

struct RecomputeSchedule {
  std::vector<ScheduledStep> steps;  // forward steps first, in their old order
  std::vector<int> copy_of;          // by copy: the storage whose contents it recomputes
};

Kept keep_what_is_used(const StorageUse& use);  // recomputes nothing
RecomputeSchedule schedule(const StorageUse& use, const Kept& kept);
// Returns a buffer for every storage, then for every copy; unused ones have no ranges.
std::vector<Buffer> buffers_of(const StorageUse& use, const RecomputeSchedule& schedule);

// Replaces the recording's steps by the scheduled ones.
void apply(Recording& recording, const RecomputeSchedule& schedule);

}  // namespace lucid
