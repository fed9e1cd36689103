#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace lucid {

// Bytes of a buffer and when they are needed: from the step that writes them first to the step that
// reads them last, both included. Parts of what is concatenated come and go one by one.
struct LiveRange {
  std::size_t begin, end;
  int first_step, last_step;
};

struct Buffer {
  std::size_t bytes;
  std::vector<LiveRange> ranges;
};

struct Placement {
  std::vector<std::size_t> offsets;  // one a buffer, in its order
  std::size_t total = 0;
};

// Bytes that are alive in the busiest step: no placement can do with less. Ranges count from and to
// multiples of the alignment.
std::size_t busiest_step_bytes(std::span<const Buffer> buffers, std::size_t alignment = 64);

// Offsets in one block of memory such that ranges alive at the same time do not overlap. Greedy,
// largest first; then what lay on top first, as long as that may help.
Placement place(std::span<const Buffer> buffers, std::size_t alignment = 64);

}  // namespace lucid
