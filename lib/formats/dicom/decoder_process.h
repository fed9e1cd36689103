#pragma once
// Private to this room.

#include <cstddef>
#include <functional>
#include <span>

namespace lucid {

// Lets `decode` fill `out` in a process of its own. GDCM's codecs end a program where a frame is
// damaged (Debian builds them with their assertions), and some of them allocate or loop as damaged
// bytes say: the process may take the time and the memory that a frame of this size is worth.
// Returns true if `decode` did. Throws Error(kFailed) if there can be no such process.
bool decode_apart(std::span<std::byte> out,
                  const std::function<bool(std::span<std::byte>)>& decode);

}  // namespace lucid
