#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "tensor/engine.h"

namespace lucid {

// How far the gradients of a layer's parameters are from those in double precision, as a share of
// the largest one of the same parameter. `route` is what the weight gradient took.
struct GradientDigits {
  std::string layer, route;
  double weight_error = 0, bias_error = 0;  // of a bias that does not exist: 0
};

// Measures every route to the weight gradient of every kind of layer that sums over voxels, on a
// volume of size^3 voxels. Of large weights some elements are checked.
std::vector<GradientDigits> measure_gradient_digits(Engine& engine, std::int64_t size);

std::string digits_table(const std::vector<GradientDigits>& figures);
Json digits_json(const std::vector<GradientDigits>& figures);

}  // namespace lucid
