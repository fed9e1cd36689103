#pragma once

#include <span>

namespace lucid {

// Returns whether no value is a NaN or infinite. Vectorized, and never ends early.
bool is_finite(std::span<const float> values);

}  // namespace lucid
