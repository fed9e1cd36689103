#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "layers/layer/layer.h"

namespace lucid {

const std::vector<std::string>& layer_types();

// "Conv3d" -> "Conv3D", PyTorch's spellings included; empty when there is no such layer.
std::optional<std::string> layer_type(const std::string& name);

// Reads the arguments of layer `type` (as layer_type() returns it) and calls finish(). Errors go
// to the object's ConfigErrors.
std::unique_ptr<Layer> make_layer(const std::string& type, JsonObject& arguments);

}  // namespace lucid
