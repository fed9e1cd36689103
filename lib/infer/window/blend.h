#pragma once

#include <optional>
#include <string>
#include <vector>

#include "infer/window/windows.h"

namespace lucid {

// How windows that overlap are weighted: by a bell around their middle whose deviation is an eighth
// of the window, or alike.
enum class Blend { kGaussian, kConstant };

const std::vector<std::string>& blend_names();  // in the order of the enum
Blend blend_named(const std::string& name);

// So many voxels at an inner border of a window are not what the network makes of the whole volume.
// Empty: all of them, more or less.
struct SpoiltBorder {
  std::int64_t before = 0, behind = 0;
  std::int64_t both() const { return before + behind; }
};

// The voxels of one window that count, and what with. Those of a window in three axes are products.
struct WindowWeights {
  std::int64_t begin = 0, end = 0;  // within the window; outside of them the weight is 0
  std::vector<float> weights;       // of [begin, end)
};

// One a window; the weights of all windows at a voxel add up to one. Spoilt voxels count for
// nothing where the overlap covers them, so that every voxel is as in the whole volume; where the
// overlap is smaller, the inner half of it is blended.
std::vector<WindowWeights> blend_weights(const AxisWindows& windows, Blend blend,
                                         const std::optional<SpoiltBorder>& spoilt);

}  // namespace lucid
