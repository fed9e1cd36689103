#pragma once

#include <cstddef>

namespace lucid {

// Returns how many files the process may have open at a time.
std::size_t open_file_limit();

// Makes the limits of the process fit: raises that of open files as far as the user may, and that
// of the stack where it is too small. Throws Error(kFailed) if the stack stays too small, and
// Error(kUsage) for a thread count in OMP_NUM_THREADS that no machine has. Call it first in main().
void adopt_limits();

inline constexpr int kMostThreads = 4096;

// Throws Error(kFailed) unless the process may start this many threads beside the caller's.
void check_threads(int count);

}  // namespace lucid
