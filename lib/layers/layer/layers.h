#pragma once

#include <memory>

#include "layers/layer/layer.h"

namespace lucid {

// Each function reads the arguments of one layer; errors go to the object's ConfigErrors. The list
// in layers/registry.cpp names them.
std::unique_ptr<Layer> make_adaptive_avg_pool3d(JsonObject&);
std::unique_ptr<Layer> make_adaptive_max_pool3d(JsonObject&);
std::unique_ptr<Layer> make_add(JsonObject&);
std::unique_ptr<Layer> make_avg_pool3d(JsonObject&);
std::unique_ptr<Layer> make_batch_norm3d(JsonObject&);
std::unique_ptr<Layer> make_concat(JsonObject&);
std::unique_ptr<Layer> make_conv3d(JsonObject&);
std::unique_ptr<Layer> make_conv_transpose3d(JsonObject&);
std::unique_ptr<Layer> make_dropout(JsonObject&);
std::unique_ptr<Layer> make_dropout3d(JsonObject&);
std::unique_ptr<Layer> make_elu(JsonObject&);
std::unique_ptr<Layer> make_flatten(JsonObject&);
std::unique_ptr<Layer> make_gelu(JsonObject&);
std::unique_ptr<Layer> make_group_norm(JsonObject&);
std::unique_ptr<Layer> make_identity(JsonObject&);
std::unique_ptr<Layer> make_instance_norm3d(JsonObject&);
std::unique_ptr<Layer> make_leaky_relu(JsonObject&);
std::unique_ptr<Layer> make_linear(JsonObject&);
std::unique_ptr<Layer> make_max_pool3d(JsonObject&);
std::unique_ptr<Layer> make_prelu(JsonObject&);
std::unique_ptr<Layer> make_relu(JsonObject&);
std::unique_ptr<Layer> make_scale(JsonObject&);
std::unique_ptr<Layer> make_sigmoid(JsonObject&);
std::unique_ptr<Layer> make_silu(JsonObject&);
std::unique_ptr<Layer> make_softmax(JsonObject&);
std::unique_ptr<Layer> make_tanh(JsonObject&);
std::unique_ptr<Layer> make_upsample(JsonObject&);

}  // namespace lucid
