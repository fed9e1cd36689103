#pragma once

#include <optional>

#include "graph/graph.h"

namespace lucid {

// The "model" object of an experiment file: {"input": {"channels", "size"}, "layers": [...]}. Empty
// when it holds an error; all of them go to its ConfigErrors.
std::optional<Graph> try_read_graph(JsonObject& model);

// The same; throws Error(kUsage) with every error reported so far when there is any, in this
// object or before.
Graph read_graph(JsonObject& model);

}  // namespace lucid
