#pragma once

#include <memory>

#include "layers/layer/layer.h"

namespace lucid {

std::unique_ptr<Layer> make_dropout(JsonObject& arguments);
std::unique_ptr<Layer> make_dropout3d(JsonObject& arguments);

}  // namespace lucid
