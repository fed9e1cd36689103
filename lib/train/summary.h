#pragma once

#include <string>

#include "train/session.h"

namespace lucid {

// A row a layer: name, type, output shape, parameters, FLOPs of one sample's forward pass; then
// their sums.
std::string layer_table(const Graph& graph);

// What a training step takes: buffers, parameters, gradients, optimizer state, batches read ahead,
// chunks of volumes; a checkpoint while it is written; and the program with its libraries, as it
// stands before. Compiles the training plan.
struct StepMemory {
  std::size_t plan_bytes = 0, parameter_bytes = 0, loader_bytes = 0, cache_bytes = 0;
  std::size_t checkpoint_bytes = 0, program_bytes = 0;
  std::size_t total() const {
    return plan_bytes + parameter_bytes + loader_bytes + cache_bytes + checkpoint_bytes +
           program_bytes;
  }
};
StepMemory step_memory(Session& session);

// The layers that train.recompute has a training step compute twice, as a line; empty where it does
// not.
std::string recomputed_line(Session& session);

std::size_t machine_memory_bytes();

}  // namespace lucid
