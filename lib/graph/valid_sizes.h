#pragma once
// Private to this room.

#include <span>
#include <string>
#include <vector>

#include "layers/layer/layer.h"

namespace lucid {

// Places a layer among others: its inputs are earlier places, or Node::kNetworkInput.
struct LayerPlace {
  const Layer* layer;
  std::vector<int> inputs;
};

// Returns "; nearest sizes that fit: d 32 or 48, w 64" for an input that a layer does not accept:
// along each axis the nearest sizes that every layer accepts. Empty if none is found.
std::string nearest_valid_sizes(const Shape& input, std::span<const LayerPlace> layers);

}  // namespace lucid
