#pragma once

#include <memory>

#include "layers/layer/layer.h"

namespace lucid {

std::unique_ptr<Layer> make_conv3d(JsonObject& arguments);

}  // namespace lucid
