#pragma once

#include <array>
#include <string>
#include <vector>

namespace lucid {

using Flips = std::array<bool, 3>;  // the axes d, h, w along which a window is flipped

// Returns the 2^k sets of k axes: none of them first, all of them last, w changing fastest.
std::vector<Flips> mirror_images(const Flips& axes);

std::string letters_of(const Flips& axes);  // of d, h, w; empty for none

}  // namespace lucid
