#pragma once

#include <span>
#include <vector>

#include "data/array/box.h"

namespace lucid::test {

// Returns the voxels of a box of a volume (D, H, W).
inline std::vector<float> cut(std::span<const float> values, const Triple& extents,
                              const Box& part) {
  std::vector<float> cut;
  for (std::int64_t d = part.begin[0]; d < part.end(0); ++d)
    for (std::int64_t h = part.begin[1]; h < part.end(1); ++h)
      for (std::int64_t w = part.begin[2]; w < part.end(2); ++w)
        cut.push_back(values[static_cast<std::size_t>((d * extents[1] + h) * extents[2] + w)]);
  return cut;
}

}  // namespace lucid::test
