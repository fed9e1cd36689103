#pragma once

#include <memory>

#include "kernels/elementwise/elementwise.h"
#include "layers/layer/layer.h"

namespace lucid {

// The layers that apply a function to every number.
std::unique_ptr<Layer> make_elu(JsonObject& arguments);
std::unique_ptr<Layer> make_gelu(JsonObject& arguments);
std::unique_ptr<Layer> make_leaky_relu(JsonObject& arguments);
std::unique_ptr<Layer> make_scale(JsonObject& arguments);
std::unique_ptr<Layer> make_sigmoid(JsonObject& arguments);
std::unique_ptr<Layer> make_silu(JsonObject& arguments);
std::unique_ptr<Layer> make_tanh(JsonObject& arguments);

// Records dx = f' dy, in place where dy may be overwritten. `known` is what f.gradient_from asks
// for, in the layout of dy.
Value elementwise_gradient(PlanBuilder& b, const Elementwise& f, Value known, Value dy);

}  // namespace lucid
