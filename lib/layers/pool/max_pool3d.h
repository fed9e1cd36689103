#pragma once

#include <memory>

#include "layers/layer/layer.h"
#include "layers/layer/window.h"

namespace lucid {

std::unique_ptr<Layer> make_max_pool3d(JsonObject& arguments);

Backward compile_max_pool(PlanBuilder& b, const Window& window);

}  // namespace lucid
