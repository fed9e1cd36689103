#pragma once

#include <span>

namespace lucid {

// Returns whether no value is a NaN or infinite.
bool is_finite(std::span<const float> values);

// Returns whether no value is larger in magnitude. A NaN is larger than anything.
bool all_within(std::span<const float> values, float largest);

}  // namespace lucid
