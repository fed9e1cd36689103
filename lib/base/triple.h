#pragma once

#include <array>
#include <cstdint>

namespace lucid {

// Three extents or places along D, H and W.
using Triple = std::array<std::int64_t, 3>;

}  // namespace lucid
