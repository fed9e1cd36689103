#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "graph/graph.h"

namespace lucid {

// Whether a pattern means the parameter "layer/name": it is a glob (* ? [abc], where * also
// crosses the '/') of that whole name or of the layer's, or the word "norms_and_biases", which
// means every parameter of rank 1.
bool names_parameter(const std::string& pattern, const std::string& parameter, std::size_t rank);

// Parameters that are updated in a way of their own. A parameter belongs to the first group that
// names it.
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
