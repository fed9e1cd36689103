#pragma once

#include <optional>
#include <string>
#include <vector>

#include "infer/window/windows.h"

namespace lucid {

// The weights of overlapping windows: a Gaussian around the centre with a standard deviation of an
// eighth of the window, or a constant.
enum class Blend { kGaussian, kConstant };

const std::vector<std::string>& blend_names();  // in the order of the enum
Blend blend_named(const std::string& name);

// The number of voxels at an inner border of a window that differ from the prediction for the whole
// volume, because the window cuts off their receptive field. Without a value, all voxels differ.
struct SpoiltBorder {
  std::int64_t before = 0, behind = 0;
  std::int64_t both() const { return before + behind; }
};

// The weights of one window along one axis. The weight of a voxel is the product over the three
// axes.
struct WindowWeights {
  std::int64_t begin = 0, end = 0;  // in the window; the weight is 0 outside
  std::vector<float> weights;       // one for each voxel of [begin, end)
};

// Returns the weights of every window; at each voxel they add up to 1 over all windows. If the
// overlap is large enough, spoilt voxels have weight 0, so that every voxel is as predicted for the
// whole volume; otherwise the inner half of the overlap is blended.
std::vector<WindowWeights> blend_weights(const AxisWindows& windows, Blend blend,
                                         const std::optional<SpoiltBorder>& spoilt);

}  // namespace lucid
