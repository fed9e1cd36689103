#pragma once

#include <span>
#include <utility>

#include "plan/arena.h"
#include "plan/recording.h"

namespace lucid {

// Describes a recorded training step as storages in the arena and the steps that use them. A
// storage is named by the value that owns it.
struct StorageUse {
  static constexpr int kBound = -1;  // storage outside of the arena

  struct Step {
    std::vector<int> storage;                                // by argument
    std::vector<std::pair<std::size_t, std::size_t>> range;  // bytes used: begin and end
    std::vector<bool> is_written;  // by argument; false in the backward pass
    double cost = 0;  // of running it again: bytes moved, with multiply-adds counted as bytes
  };
  struct Storage {
    std::size_t bytes = 0;
    std::vector<std::size_t>
        writers;  // forward steps, in order; empty if only the backward pass uses it
    std::size_t last_forward = 0;  // the last forward step that uses it
    bool is_used_backward = false;
    bool is_synchronized = false;  // other shards had a part in it: it cannot be computed again
  };

  std::size_t backward_begin = 0;
  std::vector<Step> steps;
  std::vector<Storage> storages;  // by value; unused by those that own no storage in the arena

  bool is_forward(int storage) const {
    return storage != kBound && !storages[static_cast<std::size_t>(storage)].writers.empty();
  }
};

StorageUse storage_use(const Recording& recording, std::size_t backward_begin);

}  // namespace lucid
