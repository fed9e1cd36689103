#pragma once

#include "tensor/engine.h"

namespace lucid {

// Bytes a second.
struct Bandwidth {
  double reading;
  double writing;  // to where nothing was read, which takes in what was there and writes it back
};

// What simple loops over volumes too large for nearby caches reach with all threads. Takes 256 MB
// while it runs.
Bandwidth measure_bandwidth(const Engine& engine);

}  // namespace lucid
