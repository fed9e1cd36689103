#pragma once

#include "kernels/pool/window.h"
#include "layers/layer/channel_order.h"
#include "layers/layer/layer.h"
#include "layers/layer/window.h"

namespace lucid {

// Describes a pooling of one input. It keeps the order and the type of its input.
struct Pooling {
  Layout in, out;
  PoolGeometry geometry;
  ChannelGroups from, to;
};

// This window covers 2x2x2 voxels, side by side.
inline constexpr Window kPairWindow{
    .kernel = {2, 2, 2}, .stride = {2, 2, 2}, .dilation = {1, 1, 1}};

Pooling pooling_of(const Layout& input, const Window& window);

// Returns (C, D, H, W) of the output; throws Error if the window does not fit.
Shape pooled_shape(const Window& window, const Shape& input);

// Reads kernel_size, stride, padding and ceil_mode.
Window read_pool_window(JsonObject& object);

}  // namespace lucid
