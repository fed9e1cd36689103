#include "graph/model.h"

#include <algorithm>

#include "base/machine/resident.h"
#include "base/text.h"

namespace lucid {
namespace {

// A network may be legal and yet no machine's: that is told before the memory is taken.
void check_memory(const Graph& graph) {
  constexpr double kLargest = 9e18;  // of a size that can be written
  const auto machine = machine_memory_bytes();
  double bytes = 0;
  for (const Node& node : graph.nodes()) {
    for (const ParameterSpec& spec : graph.parameters(node))
      bytes += sizeof(float) * static_cast<double>(spec.shape.elements());
    if (bytes > static_cast<double>(machine))
      throw Error(ExitCode::kUsage,
                  "layer " + in_quotes(node.name) + " (" + node.type + "): the network needs " +
                      bytes_text(static_cast<std::size_t>(std::min(bytes, kLargest))) +
                      " for the parameters up to this layer, the machine has " +
                      bytes_text(machine));
  }
}

}  // namespace

Model::Model(Graph graph, Engine& engine, std::uint64_t seed)
    : graph_(std::move(graph)), engine_(&engine) {
  check_memory(graph_);
  for (const Node& node : graph_.nodes()) {
    const auto before = static_cast<std::ptrdiff_t>(parameters_.size());
    for (const ParameterSpec& spec : graph_.parameters(node))
      parameters_.add(engine, node.name, spec, seed);
    initialize(graph_.initialization(), {parameters_.begin() + before, parameters_.end()}, seed);
  }
}

Plan& Model::plan(Mode mode, Shape::Extent batch) {
  return plan({.mode = mode, .batch = batch, .precision = precision_});
}

Plan& Model::plan(CompileOptions options) {
  if (graph_.outputs().size() == 1) options.main_output_only = false;  // one plan serves both
  const auto at = plans_.find(options);
  if (at != plans_.end()) return at->second;
  Workspace* const workspace = options.copy == 0 ? workspace_ : nullptr;
  return plans_.emplace(options, compile(graph_, parameters_, *engine_, options, workspace))
      .first->second;
}

}  // namespace lucid
