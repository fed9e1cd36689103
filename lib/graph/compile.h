#pragma once

#include <optional>

#include "graph/graph.h"
#include "graph/quantization.h"
#include "plan/plan.h"
#include "tensor/precision.h"

namespace lucid {

struct CompileOptions {
  Mode mode = Mode::kInfer;
  Shape::Extent batch = 1;
  // Which of the plans that are as alike: the shards of a batch that run side by side have one
  // each.
  std::size_t copy = 0;
  // The plan also computes the gradient of the network's input.
  bool input_gradient = false;
  // If false, every ReLU is a step of its own, and lets a NaN through.
  bool fuse_relu = true;
  // The routes that convolutions take wherever they are possible.
  ForcedRoutes routes{};
  // Inference leaves out the layers on which only other outputs depend.
  bool main_output_only = false;
  // Layers that cannot compute in bfloat16 compute in float32 all the same.
  Precision precision = Precision::kFloat32;
  // Inference only: what is rounded to bytes.
  Quantization quantization{};
  // Training recomputes activations in the backward pass until Plan::memory_bytes() is at most
  // this; 0 means as little as possible. If empty, all activations are kept.
  std::optional<std::size_t> memory_budget{};

  friend auto operator<=>(const CompileOptions&, const CompileOptions&) = default;
};

// Records the forward pass and in training the backward pass, then assigns memory. Throws Error
// naming the layer if oneDNN has no implementation, and BudgetError if the budget is too small. The
// arena is of the workspace, or if that is null, of the plan.
Plan compile(const Graph& graph, Parameters& parameters, Engine& engine,
             const CompileOptions& options, Workspace* workspace);
inline Plan compile(const Graph& graph, Parameters& parameters, Engine& engine,
                    const CompileOptions& options) {
  return compile(graph, parameters, engine, options, nullptr);
}

}  // namespace lucid
