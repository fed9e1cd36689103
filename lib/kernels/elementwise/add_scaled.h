#pragma once

#include <cstddef>

namespace lucid {

// y += factor * x, on the calling thread.
void add_scaled(std::size_t count, float factor, const float* x, float* y);

}  // namespace lucid
