#pragma once

#include <functional>

#include "infer/window/tiling.h"

namespace lucid {

// What the largest windows may cost.
struct PatchLimits {
  // Of a plan for a size that the network does not accept.
  static constexpr std::size_t kTooMuch = std::size_t{1} << 60;

  std::size_t memory_bytes = 0;
  Triple largest{1, 1, 1};                                 // no volume is larger
  std::function<std::size_t(const Triple&)> plan_bytes;    // compiles the network to know
  std::function<std::size_t(const Triple&)> volume_bytes;  // besides, for windows of that size
};

// The largest cube of windows that the network accepts, cut to the largest volume, that fits the
// memory: a function of its arguments alone. Throws Error(kUsage) where none fits.
Triple choose_patch(const PatchLimits& limits, const ReceptiveField& field);

std::size_t half_of_memory();  // of the machine, or of what this process may have of it

}  // namespace lucid
