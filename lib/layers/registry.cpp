#include "layers/registry.h"

#include <array>

#include "layers/conv3d.h"
#include "layers/conv_transpose3d.h"
#include "layers/flatten.h"
#include "layers/linear.h"
#include "layers/max_pool3d.h"
#include "layers/relu.h"

namespace lucid {
namespace {

struct Entry {
  const char* type;
  const char* alias;  // PyTorch's spelling, or the same
  std::unique_ptr<Layer> (*make)(JsonObject&);
};

constexpr std::array kLayers = {
    Entry{"Conv3D", "Conv3d", make_conv3d},
    Entry{"ConvTranspose3D", "ConvTranspose3d", make_conv_transpose3d},
    Entry{"Flatten", "Flatten", make_flatten},
    Entry{"Linear", "Linear", make_linear},
    Entry{"MaxPool3D", "MaxPool3d", make_max_pool3d},
    Entry{"ReLU", "ReLU", make_relu},
};

}  // namespace

const std::vector<std::string>& layer_types() {
  static const std::vector<std::string> types = [] {
    std::vector<std::string> names;
    for (const Entry& entry : kLayers) names.emplace_back(entry.type);
    return names;
  }();
  return types;
}

std::optional<std::string> layer_type(const std::string& name) {
  for (const Entry& entry : kLayers)
    if (name == entry.type || name == entry.alias) return entry.type;
  return std::nullopt;
}

std::unique_ptr<Layer> make_layer(const std::string& type, JsonObject& arguments) {
  for (const Entry& entry : kLayers)
    if (type == entry.type) {
      std::unique_ptr<Layer> layer = entry.make(arguments);
      arguments.finish();
      return layer;
    }
  return nullptr;
}

}  // namespace lucid
