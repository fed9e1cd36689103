#pragma once
// Private to this room.

#include "graph/parsed_layer.h"

namespace lucid {

// Returns the indices of the layers, each behind those that it reads; a list in order stays as it
// is. Every input must be the name of a layer or kInputName. If there is a cycle, it is reported,
// and the result is empty.
std::vector<std::size_t> topological_order(std::vector<ParsedLayer>& layers);

}  // namespace lucid
