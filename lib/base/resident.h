#pragma once

#include <cstddef>

namespace lucid {

// The largest memory that this process has held at one time (VmHWM), in bytes; 0 where the system
// does not tell.
std::size_t peak_resident_bytes();

// What it holds now; 0 where the system does not tell.
std::size_t resident_bytes();

// Gives freed memory back and starts the peak anew from what is held now. False where the system
// refuses: the peak then goes on from what it was.
[[nodiscard]] bool restart_peak_resident();

}  // namespace lucid
