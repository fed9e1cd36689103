#pragma once
// Private to this room.

#include <memory>
#include <string>
#include <vector>

#include "graph/blocks.h"
#include "layers/layer/layer.h"

namespace lucid {

// Holds a layer as the file describes it, before the layers are put in order.
struct ParsedLayer {
  JsonObject object;
  std::string name, type;           // in full
  std::vector<std::string> inputs;  // names in full
  std::unique_ptr<Layer> layer;     // null if it could not be read
};

// Reads one layer; errors go to the object's ConfigErrors. `index` makes a name for a layer that
// has none because of an error.
ParsedLayer read_layer(const JsonObject& object, const Blocks& blocks, std::size_t index);

}  // namespace lucid
