#include "layers/registry.h"

#include <array>

#include "layers/convolution/conv3d.h"
#include "layers/convolution/conv_transpose3d.h"
#include "layers/elementwise/activation.h"
#include "layers/elementwise/dropout.h"
#include "layers/elementwise/flatten.h"
#include "layers/elementwise/identity.h"
#include "layers/elementwise/relu.h"
#include "layers/elementwise/softmax.h"
#include "layers/join/add.h"
#include "layers/join/concat.h"
#include "layers/normalization/batch_norm3d.h"
#include "layers/normalization/group_norm.h"
#include "layers/normalization/instance_norm3d.h"
#include "layers/pool/adaptive_pool3d.h"
#include "layers/pool/avg_pool3d.h"
#include "layers/pool/max_pool3d.h"
#include "layers/resample/upsample.h"
#include "layers/weighted/linear.h"

namespace lucid {
namespace {

struct Entry {
  const char* type;
  const char* alias;  // PyTorch's spelling, or the same
  std::unique_ptr<Layer> (*make)(JsonObject&);
};

// clang-format off
constexpr std::array kLayers = {
    Entry{"AdaptiveAvgPool3D", "AdaptiveAvgPool3d", make_adaptive_avg_pool3d},
    Entry{"AdaptiveMaxPool3D", "AdaptiveMaxPool3d", make_adaptive_max_pool3d},
    Entry{"Add", "Add", make_add},
    Entry{"AvgPool3D", "AvgPool3d", make_avg_pool3d},
    Entry{"BatchNorm3D", "BatchNorm3d", make_batch_norm3d},
    Entry{"Concat", "Concat", make_concat},
    Entry{"Conv3D", "Conv3d", make_conv3d},
    Entry{"ConvTranspose3D", "ConvTranspose3d", make_conv_transpose3d},
    Entry{"Dropout", "Dropout", make_dropout},
    Entry{"Dropout3D", "Dropout3d", make_dropout3d},
    Entry{"ELU", "ELU", make_elu},
    Entry{"Flatten", "Flatten", make_flatten},
    Entry{"GELU", "GELU", make_gelu},
    Entry{"GroupNorm", "GroupNorm", make_group_norm},
    Entry{"Identity", "Identity", make_identity},
    Entry{"InstanceNorm3D", "InstanceNorm3d", make_instance_norm3d},
    Entry{"LeakyReLU", "LeakyReLU", make_leaky_relu},
    Entry{"Linear", "Linear", make_linear},
    Entry{"MaxPool3D", "MaxPool3d", make_max_pool3d},
    Entry{"ReLU", "ReLU", make_relu},
    Entry{"Scale", "Scale", make_scale},
    Entry{"SiLU", "SiLU", make_silu},
    Entry{"Sigmoid", "Sigmoid", make_sigmoid},
    Entry{"Softmax", "Softmax", make_softmax},
    Entry{"Tanh", "Tanh", make_tanh},
    Entry{"Upsample", "Upsample", make_upsample},
};
// clang-format on

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
