#pragma once

#include <cstdint>

#include "store/checkpoint.h"
#include "train/optimizer.h"

namespace lucid {

// Where a run stands, between two steps. With the parameters and the optimizer's state it decides
// all that follows.
struct Progress {
  std::int64_t epoch = 0;    // complete ones
  std::int64_t step = 0;     // of the whole run
  std::int64_t batch = 0;    // of the epoch under way: the sampler's position
  std::int64_t samples = 0;  // seen in it
  double loss_sum = 0;       // over those samples
  bool has_best = false;
  double best = 0;  // of the monitored value
  std::int64_t epochs_since_best = 0;
};

// What a checkpoint holds of a run besides parameters and config.
State state_of(const Progress& progress, Optimizer& optimizer, Engine& engine,
               Parameters& parameters, std::int64_t batch_size);

// The inverse. Throws Error(kData) when something is missing, Error(kUsage) when the run stands
// within an epoch of another batch size.
Progress restore(const CheckpointFile& checkpoint, Optimizer& optimizer, Engine& engine,
                 Parameters& parameters, std::int64_t batch_size);

}  // namespace lucid
