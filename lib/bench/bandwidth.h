#pragma once

#include "tensor/engine.h"

namespace lucid {

// Bytes a second, read and written ones added, that simple loops over volumes too large for caches
// reach with all threads. Takes 256 MB while it runs.
double measure_bandwidth(const Engine& engine);

}  // namespace lucid
