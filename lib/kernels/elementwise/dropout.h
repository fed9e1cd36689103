#pragma once

#include <cstdint>

#include "kernels/layout/panels.h"

namespace lucid {

enum class DropUnit { kElement, kChannel };

// A kept value is divided by 1 - p, a dropped one multiplied by 0. What is dropped is a function of
// the key and of the value's sample, channel and voxel: the same in every order and in the
// backward pass.
struct Dropout {
  Panels panels;
  DropUnit unit = DropUnit::kElement;
  double p = 0;
};

// y may be x.
void drop(const Dropout& dropout, std::uint64_t key, const float* x, float* y);

}  // namespace lucid
