#pragma once

#include <cstdint>

#include "store/checkpoint.h"
#include "train/config/train_config.h"
#include "train/optimizer/ema.h"
#include "train/optimizer/optimizer.h"
#include "train/schedule/schedule.h"

namespace lucid {

// Where a run stands, between two steps. With the parameters, their averages and the optimizer's
// state it decides all that follows.
struct Progress {
  std::int64_t epoch = 0;    // complete ones
  std::int64_t step = 0;     // of the optimizer, in the whole run
  std::int64_t batch = 0;    // of the epoch under way: the sampler's position
  std::int64_t samples = 0;  // seen in it
  double loss_sum = 0;       // over those samples
  bool has_best = false;
  double best = 0;  // of the monitored value
  std::int64_t epochs_since_best = 0;
  PlateauState plateau{};
};

// Notes an epoch's monitored value; returns whether it is the best so far.
bool note_value(Progress& progress, double value, const TrainConfig& config);

// What else a run changes as it goes.
struct Learner {
  Model& model;
  Optimizer& optimizer;
  std::optional<Ema>& ema;  // empty: no averages are kept
  std::int64_t batch_size;
};

// What a checkpoint holds of a run besides parameters and config. Call it while the averages are in
// place of the parameters, as they are when those are saved.
State state_of(const Progress& progress, const Learner& learner);

// The inverse, after the checkpoint's parameters were loaded. Throws Error(kData) when something is
// missing, Error(kUsage) when the run stands within an epoch of another batch size.
Progress restore(const CheckpointFile& checkpoint, const Learner& learner);

}  // namespace lucid
