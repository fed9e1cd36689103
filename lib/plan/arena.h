#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace lucid {

// When a buffer is needed: from the step that writes it first to the step that reads it last, both
// included.
struct Lifetime {
  std::size_t bytes;
  int first_step, last_step;
};

struct Placement {
  std::vector<std::size_t> offsets;  // one a lifetime, in its order
  std::size_t total = 0;
};

// Bytes that are alive in the busiest step: no placement can do with less.
std::size_t busiest_step_bytes(std::span<const Lifetime> lifetimes, std::size_t alignment = 64);

// Offsets in one block of memory such that buffers alive at the same time do not overlap. Greedy,
// largest first; then what lay on top first, as long as that may help.
Placement place(std::span<const Lifetime> lifetimes, std::size_t alignment = 64);

}  // namespace lucid
