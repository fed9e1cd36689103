#pragma once
// Private to this room.

#include "tensor/engine.h"

namespace lucid {

// Bandwidths in bytes per second.
struct Bandwidth {
  double reading;
  // The memory was not read before, so each write also loads the cache line and writes it back.
  double writing;
};

// Measures simple loops over volumes that are too large for the caches, on all threads. Takes 256
// MB while it runs.
Bandwidth measure_bandwidth(const Engine& engine);

}  // namespace lucid
