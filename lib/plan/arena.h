#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace lucid {

// The lifetime of some bytes of a buffer: from the step that writes them first to the step that
// reads them last, both included. The parts of a concatenated buffer have lifetimes of their own.
struct LiveRange {
  std::size_t begin, end;
  int first_step, last_step;
};

struct Buffer {
  std::size_t bytes;
  std::vector<LiveRange> ranges;
};

struct Placement {
  std::vector<std::size_t> offsets;  // one per buffer, in order
  std::size_t total = 0;
};

// Returns the bytes alive in the busiest step, the lower bound of any placement. Ranges are widened
// to multiples of the alignment.
std::size_t busiest_step_bytes(std::span<const Buffer> buffers, std::size_t alignment = 64);

// Assigns offsets in one block of memory so that ranges alive at the same time do not overlap.
// Places buffers greedily, the largest first, then retries with the topmost first while that may
// help.
Placement place(std::span<const Buffer> buffers, std::size_t alignment = 64);

}  // namespace lucid
