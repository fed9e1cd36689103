#pragma once

#include <span>

#include "base/rng.h"

namespace lucid {

// Adds values of a normal distribution. In vector code, unlike Rng::normal(): a volume needs many.
void add_normal(Rng& rng, float mean, float deviation, std::span<float> values);

}  // namespace lucid
