#pragma once

#include <vector>

#include "plan/arena.h"
#include "plan/recording.h"

namespace lucid {

// Cuts the touched ranges at all of their begins and ends. Each piece lives from the first to the
// last step that touches it.
std::vector<LiveRange> live_ranges(const std::vector<LiveRange>& touched);

// Returns one buffer per value, with the steps that use its bytes. A value in the storage of
// another one, or one that no step uses, has no ranges.
std::vector<Buffer> buffers_of(const Recording& recording);

}  // namespace lucid
