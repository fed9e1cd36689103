#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "graph/graph.h"

namespace lucid {

// True if a pattern matches the parameter "layer/name". A pattern is a glob (* ? [abc], where *
// also matches '/') of the whole name or of the layer, or the word "norms_and_biases": all of
// rank 1.
bool names_parameter(const std::string& pattern, const std::string& parameter, std::size_t rank);

// Parameters with their own learning rate or weight decay. A parameter belongs to the first group
// whose patterns match it.
struct ParameterGroup {
  std::vector<std::string> patterns;
  double lr_factor = 1;
  std::optional<double> weight_decay;  // empty: the optimizer's
};
std::vector<ParameterGroup> read_parameter_groups(JsonObject& optimizer);

// Reports at `pointer` every pattern that names no learned parameter of the graph.
void check_patterns(const std::vector<std::string>& patterns, const Graph& graph,
                    const std::string& pointer, ConfigErrors& errors);

}  // namespace lucid
