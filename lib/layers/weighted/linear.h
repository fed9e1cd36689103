#pragma once

#include <memory>

#include "layers/layer/layer.h"

namespace lucid {

std::unique_ptr<Layer> make_linear(JsonObject& arguments);

}  // namespace lucid
