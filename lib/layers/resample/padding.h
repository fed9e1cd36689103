#pragma once

#include "kernels/resample/resample.h"
#include "layers/layer/window.h"

namespace lucid {

// Names the values beyond the edge of a volume.
enum class PaddingMode { kZeros, kReflect, kReplicate };

// Returns the taps of an axis of `input` voxels, padded with `low` voxels before it and `high`
// behind it. Reflection does not repeat the edge and needs both to be less than the input.
AxisTaps padded_axis(PaddingMode mode, std::int64_t input, std::int64_t low, std::int64_t high);

// Does so for the padding of a window along all three axes.
std::array<AxisTaps, 3> padded_axes(PaddingMode mode, const Triple& input, const Window& window);

}  // namespace lucid
