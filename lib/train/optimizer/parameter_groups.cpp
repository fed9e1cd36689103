#include "train/optimizer/parameter_groups.h"

#include <fnmatch.h>

#include <algorithm>

#include "base/text.h"

namespace lucid {
namespace {

const std::string kNormsAndBiases = "norms_and_biases";

bool is_match(const std::string& pattern, const std::string& name) {
  return fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
}

bool names_any(const std::string& pattern, const Graph& graph) {
  for (const Node& node : graph.nodes())
    for (const ParameterSpec& spec : graph.parameters(node))
      if (!spec.is_buffer &&
          names_parameter(pattern, node.name + "/" + spec.name, spec.shape.rank()))
        return true;
  return false;
}

std::vector<std::string> layers_with_parameters(const Graph& graph) {
  std::vector<std::string> names;
  for (const Node& node : graph.nodes())
    if (!graph.parameters(node).empty()) names.push_back(node.name);
  return names;
}

}  // namespace

bool names_parameter(const std::string& pattern, const std::string& parameter, std::size_t rank) {
  if (pattern == kNormsAndBiases) return rank == 1;
  return is_match(pattern, parameter) ||
         is_match(pattern, parameter.substr(0, parameter.find('/')));
}

std::vector<ParameterGroup> read_parameter_groups(JsonObject& optimizer) {
  std::vector<ParameterGroup> groups;
  if (!optimizer.has("groups")) return groups;
  for (JsonObject& object : optimizer.objects("groups")) {
    ParameterGroup group;
    group.patterns = object.strings("parameters", true);
    group.lr_factor = object.number("lr_factor", {.low = 0}, 1.0);
    if (object.has("weight_decay")) group.weight_decay = object.number("weight_decay", {.low = 0});
    object.finish();
    groups.push_back(std::move(group));
  }
  return groups;
}

void check_patterns(const std::vector<std::string>& patterns, const Graph& graph,
                    const std::string& pointer, ConfigErrors& errors) {
  for (const std::string& pattern : patterns)
    if (!names_any(pattern, graph))
      errors.add(pointer, in_quotes(pattern) + " names no parameter; layers with parameters: " +
                              join(layers_with_parameters(graph), ", "));
}

}  // namespace lucid
