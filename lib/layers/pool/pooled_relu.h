#pragma once

#include "layers/pool/pooling.h"

namespace lucid {

// Records the backward pass of a max pooling of at most 256 voxels a window, and of the ReLU of
// this slope that made its input, if any. `y` is the pooled output, `index` the bytes of places
// that the forward pass left. Returns the gradient of the pooling's, or of the ReLU's, input.
Value record_max_pool_gradient(PlanBuilder& b, const Pooling& pooling, Value y, Value index,
                               std::optional<float> relu_slope);

}  // namespace lucid
