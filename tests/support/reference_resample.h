#pragma once

#include <array>
#include <utility>
#include <vector>

#include "support/reference.h"

namespace lucid::test {

// Returns the input voxels, with weights, that each voxel along an axis of the result is made from.
using AxisMix = std::vector<std::vector<std::pair<std::int64_t, double>>>;
using Mix = std::array<AxisMix, 3>;  // D, H, W

Array mixed(const Array& x, const Mix& mix);
Array mixed_gradient(const Array& dy, const Shape& input, const Mix& mix);

// Pads as the modes "reflect" and "replicate" of F.pad do.
AxisMix reflected(std::int64_t input, std::int64_t low, std::int64_t high);
AxisMix replicated(std::int64_t input, std::int64_t low, std::int64_t high);

// Chooses input voxels as F.interpolate does; `ratio` is the distance of two output voxels in input
// voxels.
AxisMix nearest(std::int64_t input, std::int64_t output, double ratio);
AxisMix interpolated(std::int64_t input, std::int64_t output, double ratio, bool aligns_corners);

}  // namespace lucid::test
