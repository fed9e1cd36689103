#pragma once

#include <cstdint>
#include <span>

namespace lucid {

// y = the sum of all sources over `count` values, added in their order. At least two.
void sum_forward(std::int64_t count, std::span<const float* const> sources, float* y);

}  // namespace lucid
