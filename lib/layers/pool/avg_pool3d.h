#pragma once

#include "kernels/pool/avg_pool.h"
#include "layers/layer/layer.h"
#include "layers/layer/window.h"

namespace lucid {

// The pool's geometry is the window's.
Backward compile_avg_pool(PlanBuilder& b, const Window& window, AveragePool pool);

}  // namespace lucid
