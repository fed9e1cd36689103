#pragma once

#include <array>
#include <cstdint>

namespace lucid {

// Holds extents or positions along D, H and W.
using Triple = std::array<std::int64_t, 3>;

}  // namespace lucid
