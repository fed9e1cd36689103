#pragma once
// Private to this room.

#include "layers/layer/layer.h"
#include "layers/layer/window.h"

namespace lucid {

Backward compile_max_pool(PlanBuilder& b, const Window& window);

}  // namespace lucid
