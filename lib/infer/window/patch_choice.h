#pragma once

#include <functional>

#include "infer/window/tiling.h"

namespace lucid {

// Limits the size and the memory of the windows that choose_patch() considers.
struct PatchLimits {
  // The bytes of a plan whose size the network does not accept.
  static constexpr std::size_t kTooMuch = std::size_t{1} << 60;

  std::size_t memory_bytes = 0;
  Triple largest{1, 1, 1};                                 // the extents of the largest volume
  std::function<std::size_t(const Triple&)> plan_bytes;    // compiles the network
  std::function<std::size_t(const Triple&)> volume_bytes;  // memory besides the plan
};

// Returns the largest cube of windows, clipped to the largest volume, that the network accepts and
// that fits into memory. The result depends on the arguments alone. Throws Error(kUsage) if none
// fits.
Triple choose_patch(const PatchLimits& limits, const ReceptiveField& field);

// Half of the machine's memory, or of this process's limit if that is lower.
std::size_t half_of_memory();

}  // namespace lucid
