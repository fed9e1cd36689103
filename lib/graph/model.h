#pragma once

#include <map>

#include "graph/compile.h"

namespace lucid {

// Holds a network with its parameters and the plans compiled for it so far. The initial value of a
// parameter depends on the seed and its name alone.
class Model {
 public:
  Model(Graph graph, Engine& engine, std::uint64_t seed);
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  // Sets the precision of plans that are asked for by mode and batch.
  void compute_in(Precision precision) { precision_ = precision; }

  // Plans that are compiled from now on have their arenas there, but for further copies
  // (CompileOptions::copy), which run side by side. Plans of one or several models can take turns
  // in it, as Workspace says.
  void work_in(Workspace& workspace) { workspace_ = &workspace; }

  // A plan is compiled on first use and kept. The first one decides the layouts of parameters,
  // gradients and optimizer state.
  Plan& plan(Mode mode, Shape::Extent batch);
  Plan& plan(CompileOptions options);
  // Frees the memory of all plans; what plan() returned is no longer valid.
  void forget_plans() { plans_.clear(); }
  Parameters& parameters() { return parameters_; }
  const Graph& graph() const { return graph_; }
  Engine& engine() const { return *engine_; }

 private:
  Graph graph_;
  Engine* engine_;
  Parameters parameters_;
  Precision precision_ = Precision::kFloat32;
  Workspace* workspace_ = nullptr;
  std::map<CompileOptions, Plan> plans_;
};

}  // namespace lucid
