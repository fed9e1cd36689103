#pragma once

#include <filesystem>
#include <span>
#include <vector>

namespace lucid {

// Returns the number of cores that this process may keep busy, at least 1: those of its affinity
// mask, hyperthreads of a core counted once, and no more than the CPU quota of its control groups.
int usable_cores();

// Returns the processors of the calling thread's affinity mask; empty if the kernel does not tell.
std::vector<int> allowed_processors();

// Returns those that the process could give itself: all that its control groups allow.
std::vector<int> host_processors();

// Does the same as usable_cores() for a process that may run on `processors`, with /proc and /sys
// below `root`.
int usable_cores(std::span<const int> processors, const std::filesystem::path& root);

}  // namespace lucid
