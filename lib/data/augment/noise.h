#pragma once
// Private to this room.

#include <span>

#include "base/rng.h"

namespace lucid {

// Adds normally distributed values. Vectorized, unlike Rng::normal(), as a volume needs many.
void add_normal(Rng& rng, float mean, float deviation, std::span<float> values);

}  // namespace lucid
