#pragma once
// Private to this room.

#include "layers/convolution/arguments.h"
#include "layers/layer/layer.h"

namespace lucid {

// Records the forward pass of a Conv3D and returns its backward passes; each takes a route of its
// own.
Backward compile_conv3d(PlanBuilder& b, const Conv3DArguments& arguments);

}  // namespace lucid
