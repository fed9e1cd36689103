#pragma once

#include "graph/graph.h"

namespace lucid {

// The "model" object of an experiment file: {"input": {"channels", "size"}, "layers": [...]}.
// Throws Error(kUsage) with every mistake reported so far when there is any, in this object or
// before.
Graph read_graph(JsonObject& model);

}  // namespace lucid
