#include "layers/registry.h"

#include <array>

#include "base/registry.h"
#include "layers/layer/layers.h"

namespace lucid {
namespace {

using MakeLayer = std::unique_ptr<Layer> (*)(JsonObject&);

constexpr std::array kLayers = {
    Named<MakeLayer>{"AdaptiveAvgPool3D", make_adaptive_avg_pool3d},
    Named<MakeLayer>{"AdaptiveMaxPool3D", make_adaptive_max_pool3d},
    Named<MakeLayer>{"Add", make_add},
    Named<MakeLayer>{"AvgPool3D", make_avg_pool3d},
    Named<MakeLayer>{"BatchNorm3D", make_batch_norm3d},
    Named<MakeLayer>{"Concat", make_concat},
    Named<MakeLayer>{"Conv3D", make_conv3d},
    Named<MakeLayer>{"ConvTranspose3D", make_conv_transpose3d},
    Named<MakeLayer>{"Dropout", make_dropout},
    Named<MakeLayer>{"Dropout3D", make_dropout3d},
    Named<MakeLayer>{"ELU", make_elu},
    Named<MakeLayer>{"Flatten", make_flatten},
    Named<MakeLayer>{"GELU", make_gelu},
    Named<MakeLayer>{"GroupNorm", make_group_norm},
    Named<MakeLayer>{"Identity", make_identity},
    Named<MakeLayer>{"InstanceNorm3D", make_instance_norm3d},
    Named<MakeLayer>{"LeakyReLU", make_leaky_relu},
    Named<MakeLayer>{"Linear", make_linear},
    Named<MakeLayer>{"MaxPool3D", make_max_pool3d},
    Named<MakeLayer>{"PReLU", make_prelu},
    Named<MakeLayer>{"ReLU", make_relu},
    Named<MakeLayer>{"Scale", make_scale},
    Named<MakeLayer>{"SiLU", make_silu},
    Named<MakeLayer>{"Sigmoid", make_sigmoid},
    Named<MakeLayer>{"Softmax", make_softmax},
    Named<MakeLayer>{"Tanh", make_tanh},
    Named<MakeLayer>{"Upsample", make_upsample},
};

// PyTorch writes Conv3d for Conv3D.
std::string pytorch_name(std::string name) {
  if (name.ends_with("3D")) name.back() = 'd';
  return name;
}

}  // namespace

const std::vector<std::string>& layer_types() {
  static const std::vector<std::string> types = names_of(kLayers);
  return types;
}

std::optional<std::string> layer_type(const std::string& name) {
  for (const std::string& type : layer_types())
    if (name == type || name == pytorch_name(type)) return type;
  return std::nullopt;
}

std::unique_ptr<Layer> make_layer(const std::string& type, JsonObject& arguments) {
  for (const auto& [name, make] : kLayers) {
    if (type != name) continue;
    std::unique_ptr<Layer> layer = make(arguments);
    arguments.finish();
    return layer;
  }
  return nullptr;
}

}  // namespace lucid
