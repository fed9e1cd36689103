#pragma once

#include <array>

namespace lucid {

using VoxelSize = std::array<double, 3>;  // mm along d, h, w

}  // namespace lucid
