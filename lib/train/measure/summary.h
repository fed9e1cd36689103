#pragma once

#include <string>

#include "train/session/session.h"

namespace lucid {

// Returns a table with one row per layer (name, type, output shape, parameters, FLOPs of one
// sample's forward pass) and their sums.
std::string layer_table(const Graph& graph);

// The memory of a training step. parameter_bytes include gradients and optimizer state,
// program_bytes the libraries, validation_bytes the plan that validates; checkpoint_bytes are
// needed while a checkpoint is written.
struct StepMemory {
  // In HDF5's file image and in the buffer that is written.
  static constexpr std::size_t kCheckpointCopies = 2;

  std::size_t plan_bytes = 0, parameter_bytes = 0, loader_bytes = 0, cache_bytes = 0;
  std::size_t validation_bytes = 0, checkpoint_bytes = 0, program_bytes = 0;
  std::size_t total() const {
    return plan_bytes + parameter_bytes + loader_bytes + cache_bytes + validation_bytes +
           checkpoint_bytes + program_bytes;
  }
};
// Compiles the plans.
StepMemory step_memory(Session& session);

// Returns a line with the layers that the backward pass recomputes (train.recompute); empty if
// there are none.
std::string recomputed_line(Session& session);

}  // namespace lucid
