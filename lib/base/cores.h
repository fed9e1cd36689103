#pragma once

#include <filesystem>
#include <span>

namespace lucid {

// The cores that this process may keep busy, at least 1: those of its affinity mask, where the
// hyperthreads of a core count once, and no more than its control groups grant it time for.
int usable_cores();

// The same of a process that may run on `processors`, where /proc and /sys are those below `root`.
int usable_cores(std::span<const int> processors, const std::filesystem::path& root);

}  // namespace lucid
