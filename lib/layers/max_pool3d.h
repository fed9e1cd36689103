#pragma once

#include <memory>

#include "layers/layer.h"

namespace lucid {

std::unique_ptr<Layer> make_max_pool3d(JsonObject& arguments);

}  // namespace lucid
