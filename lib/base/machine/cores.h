#pragma once

#include <filesystem>
#include <span>

namespace lucid {

// Returns the number of cores that this process may keep busy, at least 1: those of its affinity
// mask, hyperthreads of a core counted once, and no more than the CPU quota of its control groups.
int usable_cores();

// Does the same for a process that may run on `processors`, with /proc and /sys below `root`.
int usable_cores(std::span<const int> processors, const std::filesystem::path& root);

}  // namespace lucid
