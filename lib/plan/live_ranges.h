#pragma once

#include <vector>

#include "plan/arena.h"
#include "plan/recording.h"

namespace lucid {

// The ranges between all begins and ends of those that steps touched, each from the first to the
// last step that touched it.
std::vector<LiveRange> live_ranges(const std::vector<LiveRange>& touched);

// The storage of each of a recording's values and which of its bytes its steps use when. Without
// ranges: a value that lies in another one's storage, or that no step uses.
std::vector<Buffer> buffers_of(const Recording& recording);

}  // namespace lucid
