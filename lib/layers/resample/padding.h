#pragma once

#include "kernels/resample/resample.h"
#include "layers/layer/window.h"

namespace lucid {

// What lies beyond the edge of a volume.
enum class PaddingMode { kZeros, kReflect, kReplicate };

// The taps of an axis of `input` voxels with `low` more before it and `high` more behind it.
// Reflection leaves out the edge itself and needs both to be less than the input.
AxisTaps padded_axis(PaddingMode mode, std::int64_t input, std::int64_t low, std::int64_t high);

// The padding of a window, all three axes.
std::array<AxisTaps, 3> padded_axes(PaddingMode mode, const Triple& input, const Window& window);

}  // namespace lucid
