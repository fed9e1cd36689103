#pragma once

#include <memory>

#include "layers/layer/layer.h"

namespace lucid {

std::unique_ptr<Layer> make_adaptive_avg_pool3d(JsonObject& arguments);
std::unique_ptr<Layer> make_adaptive_max_pool3d(JsonObject& arguments);

}  // namespace lucid
