#pragma once

#include <memory>

#include "layers/layer/layer.h"

namespace lucid {

std::unique_ptr<Layer> make_instance_norm3d(JsonObject& arguments);

}  // namespace lucid
