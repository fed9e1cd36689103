#include "graph/model.h"

namespace lucid {

Model::Model(Graph graph, Engine& engine, std::uint64_t seed)
    : graph_(std::move(graph)), engine_(&engine) {
  for (const Node& node : graph_.nodes())
    for (const ParameterSpec& spec : graph_.parameters(node))
      parameters_.add(engine, node.name, spec, seed);
}

Plan& Model::plan(Mode mode, Shape::Extent batch) {
  return plan({.mode = mode, .batch = batch, .precision = precision_});
}

Plan& Model::plan(CompileOptions options) {
  if (graph_.outputs().size() == 1) options.main_output_only = false;  // one plan serves both
  const auto at = plans_.find(options);
  if (at != plans_.end()) return at->second;
  return plans_.emplace(options, compile(graph_, parameters_, *engine_, options)).first->second;
}

}  // namespace lucid
