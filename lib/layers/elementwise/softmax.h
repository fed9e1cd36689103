#pragma once

#include <memory>

#include "layers/layer/layer.h"

namespace lucid {

std::unique_ptr<Layer> make_softmax(JsonObject& arguments);

}  // namespace lucid
