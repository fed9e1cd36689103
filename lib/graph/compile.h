#pragma once

#include <optional>

#include "graph/graph.h"
#include "plan/plan.h"
#include "tensor/precision.h"

namespace lucid {

struct CompileOptions {
  Mode mode = Mode::kInfer;
  Shape::Extent batch = 1;
  bool input_gradient = false;  // also the gradient of the network's input
  bool fuse_relu = true;        // false: every ReLU is a step of its own, and lets a NaN through
  ForcedRoutes routes{};
  bool main_output_only = false;              // inference: leaves out what only other outputs need
  Precision precision = Precision::kFloat32;  // bfloat16: of layers that know it
  // Training: activations are computed again on the way back until Plan::memory_bytes() is no more
  // than this; 0: as little as it gets. Empty: all are kept.
  std::optional<std::size_t> memory_budget{};

  friend auto operator<=>(const CompileOptions&, const CompileOptions&) = default;
};

// Compiles forward nodes, the boundary to the loss, and the way back in reverse order; then plans
// memory. Throws Error naming the layer when oneDNN has no implementation, and BudgetError when
// the budget is too small.
Plan compile(const Graph& graph, Parameters& parameters, Engine& engine,
             const CompileOptions& options);

}  // namespace lucid
