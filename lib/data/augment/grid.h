#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/json.h"

namespace lucid {

std::string extents_text(const Triple& extents);  // "16x24x16"

// Interpolation between voxels: linear for values, nearest for classes, which cannot be mixed.
enum class Interpolation { kLinear, kNearest };

// Fill values beyond the edge of a volume and of its labels; nullopt repeats the border voxels.
struct Padding {
  std::optional<float> volume, labels;
  friend bool operator==(const Padding&, const Padding&) = default;
};

// A volume or its labels, (C, D, H, W) in row-major order.
struct Grid {
  std::int64_t channels = 0;  // 0: absent
  Triple extents{};
  Interpolation interpolation = Interpolation::kLinear;
  std::vector<float> values;
  std::vector<float> spare;  // receives new values, then is swapped with `values`

  std::int64_t voxels() const { return extents[0] * extents[1] * extents[2]; }
  std::span<float> channel(std::int64_t c) {
    const auto count = static_cast<std::size_t>(voxels());
    return std::span(values).subspan(static_cast<std::size_t>(c) * count, count);
  }
  void resize() { values.resize(static_cast<std::size_t>(channels * voxels())); }
};

// Axes are 0, 1, 2 for d, h, w.
void flip(Grid& grid, std::size_t axis);

// Rotates by quarter turns like torch.rot90 from axis `a` to axis `b`, whose extents are equal.
void rotate90(Grid& grid, std::size_t a, std::size_t b, int turns);

// Cuts out `size` voxels from `origin` on, which may lie outside. Voxels outside are `fill`, or the
// border's if that is nullopt.
void crop(Grid& grid, const Triple& origin, const Triple& size, std::optional<float> fill);

}  // namespace lucid
