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

// Offsets in one block of memory such that buffers alive at the same time do not overlap. Greedy,
// largest first.
Placement place(std::span<const Lifetime> lifetimes, std::size_t alignment = 64);

}  // namespace lucid
