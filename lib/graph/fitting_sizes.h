#pragma once

#include <span>
#include <string>
#include <vector>

#include "layers/layer/layer.h"

namespace lucid {

// A layer in its place among the others: inputs are earlier places, or Node::kNetworkInput.
struct SizedLayer {
  const Layer* layer;
  std::vector<int> inputs;
};

// For an input that a layer refuses: "; nearest sizes that fit: d 32 or 48, w 64", the sizes along
// each axis that every layer accepts. Empty when none is found.
std::string fitting_sizes(const Shape& input, std::span<const SizedLayer> layers);

}  // namespace lucid
