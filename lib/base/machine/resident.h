#pragma once

#include <cstddef>

namespace lucid {

// Returns the peak resident memory of this process (VmHWM) in bytes; 0 if the system does not tell.
std::size_t peak_resident_bytes();

// Returns the resident memory of this process in bytes; 0 if the system does not tell.
std::size_t resident_bytes();

// Returns the memory of the machine in bytes.
std::size_t machine_memory_bytes();

// Returns freed memory to the system and resets the peak to the current resident memory. Returns
// false if the system refuses; the peak then continues from its old value.
[[nodiscard]] bool restart_peak_resident();

}  // namespace lucid
