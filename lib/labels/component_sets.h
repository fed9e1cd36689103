#pragma once
// Private to this room.

#include <algorithm>
#include <cstdint>
#include <vector>

#include "labels/runs.h"

namespace lucid {

// Sets of parts, by the parent of each; the smallest number represents its set, so that components
// stay in the order of their first voxels.
inline ComponentId root_of(std::vector<std::uint32_t>& parents, ComponentId part) {
  while (parents[part] != part) part = parents[part] = parents[parents[part]];
  return part;
}

inline void unite(std::vector<std::uint32_t>& parents, ComponentId a, ComponentId b) {
  a = root_of(parents, a);
  b = root_of(parents, b);
  parents[std::max(a, b)] = std::min(a, b);
}

}  // namespace lucid
