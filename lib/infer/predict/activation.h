#pragma once

#include <span>
#include <string>
#include <vector>

#include "tensor/shape.h"

namespace lucid {

// The function applied to a network's output before it is written. Softmax and argmax run over axis
// 1.
enum class Activation { kNone, kSoftmax, kSigmoid, kArgmax };

const std::vector<std::string>& activation_names();  // in the order of the enum
Activation activation_named(const std::string& name);

// Works in place on a shape with N. Argmax leaves the index of the first largest channel in the
// first N x (D x H x W) values.
void apply_activation(Activation activation, const Shape& shape, std::span<float> values);
Shape activated_shape(Activation activation, const Shape& shape);  // argmax drops the channels

}  // namespace lucid
