#pragma once

#include <optional>

#include "graph/graph.h"

namespace lucid {

// Reads the "model" object of an experiment file: {"input": {"channels", "size"}, "layers": [...]}.
// The result is empty if there is an error; all of them go to the object's ConfigErrors.
std::optional<Graph> try_read_graph(JsonObject& model);

// Does the same, but throws Error(kUsage) with every error reported so far if there is any, in this
// object or before.
Graph read_graph(JsonObject& model);

}  // namespace lucid
