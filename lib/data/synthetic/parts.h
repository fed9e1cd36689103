#pragma once
// Private to this room.

#include <array>
#include <cmath>
#include <string>

#include "base/rng.h"
#include "data/synthetic/synthetic.h"

namespace lucid {

using Point = std::array<double, 3>;

inline double length(double a, double b) { return std::sqrt(a * a + b * b); }

inline double between(Rng& rng, double low, double high) {
  return low + (high - low) * rng.uniform();
}

// Calls body(index, z, y, x) for every voxel of a sample.
template <class Body>
void for_each_voxel(const Triple& size, const Body& body) {
  std::size_t index = 0;
  for (std::int64_t z = 0; z < size[0]; ++z)
    for (std::int64_t y = 0; y < size[1]; ++y)
      for (std::int64_t x = 0; x < size[2]; ++x, ++index)
        body(index, static_cast<double>(z), static_cast<double>(y), static_cast<double>(x));
}

inline std::size_t voxel_count(const Triple& size) {
  return Shape{size[0], size[1], size[2]}.count();
}

inline Rng sample_rng(const char* kind, std::int64_t sample, const SyntheticOptions& options) {
  return {options.seed, std::string(kind) + "/" + std::to_string(sample)};
}

// Creates a dataset whose last axes are d, h, w, stored as the options say.
void create_volumes(hdf5::Writer& file, const std::string& path, ElementType type,
                    const Shape& shape, const SyntheticOptions& options);

}  // namespace lucid
