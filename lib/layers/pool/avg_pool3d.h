#pragma once
// Private to this room.

#include "kernels/pool/avg_pool.h"
#include "layers/layer/layer.h"
#include "layers/layer/window.h"

namespace lucid {

// The window gives the geometry of the pool.
Backward compile_avg_pool(PlanBuilder& b, const Window& window, AveragePool pool);

}  // namespace lucid
