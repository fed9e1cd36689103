#pragma once

#include <span>

namespace lucid {

// Whether no value is larger in magnitude. A NaN is larger than anything.
bool all_within(std::span<const float> values, float largest);

}  // namespace lucid
