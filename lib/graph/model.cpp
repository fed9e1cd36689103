#include "graph/model.h"

namespace lucid {

Model::Model(Graph graph, Engine& engine, std::uint64_t seed)
    : graph_(std::move(graph)), engine_(&engine) {
  for (const Node& node : graph_.nodes())
    for (const ParameterSpec& spec : graph_.parameters(node))
      parameters_.add(engine, node.name, spec, seed);
}

Plan& Model::plan(Mode mode, Shape::Extent batch) { return plan({.mode = mode, .batch = batch}); }

Plan& Model::unfused_plan(Shape::Extent batch) {
  return plan({.mode = Mode::kInfer, .batch = batch, .fuse_relu = false});
}

Plan& Model::plan(const CompileOptions& options) {
  const std::tuple key(options.mode, options.batch, options.fuse_relu);
  const auto at = plans_.find(key);
  if (at != plans_.end()) return at->second;
  return plans_.emplace(key, compile(graph_, parameters_, *engine_, options)).first->second;
}

}  // namespace lucid
