#pragma once

#include <span>
#include <utility>

#include "plan/arena.h"
#include "plan/recording.h"

namespace lucid {

// A recorded training step seen as storage in the arena, named by the value whose storage it is,
// and as the steps that use it.
struct StorageUse {
  static constexpr int kBound = -1;  // storage outside of the arena

  struct Step {
    std::vector<int> storage;                                // of each argument
    std::vector<std::pair<std::size_t, std::size_t>> range;  // of its bytes: begin and end
    std::vector<bool> is_written;  // by argument; known for forward steps alone
    double cost = 0;  // of running it once more: bytes moved, products counted as bytes
  };
  struct Storage {
    std::size_t bytes = 0;
    std::vector<std::size_t> writers;  // forward steps, in order; empty: the way back's own
    std::size_t last_forward = 0;      // the last forward step that uses it
    bool is_used_backward = false;
  };

  std::size_t backward_begin = 0;
  std::vector<Step> steps;
  std::vector<Storage> storages;  // by value; only of those that have storage in the arena

  bool is_forward(int storage) const {
    return storage != kBound && !storages[static_cast<std::size_t>(storage)].writers.empty();
  }
};

StorageUse storage_use(const Recording& recording, std::size_t backward_begin);

}  // namespace lucid
