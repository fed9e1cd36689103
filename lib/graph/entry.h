#pragma once

#include <memory>
#include <string>
#include <vector>

#include "layers/layer/layer.h"

namespace lucid {

// A layer as the file has it, before it is put in order.
struct Entry {
  JsonObject object;
  std::string name, type;           // in full
  std::vector<std::string> inputs;  // names in full
  std::unique_ptr<Layer> layer;     // null when it could not be read
};

// Indices of the entries, each behind those it reads; a list in order stays as it is. Every input
// must be the name of an entry or kInputName. A cycle is reported, and the result then empty.
std::vector<std::size_t> topological_order(std::vector<Entry>& entries);

}  // namespace lucid
