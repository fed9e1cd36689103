#pragma once

#include <cstdint>

#include "objective/objective_sums.h"
#include "store/checkpoint.h"
#include "train/config/train_config.h"
#include "train/optimizer/ema.h"
#include "train/optimizer/optimizer.h"
#include "train/schedule/schedule.h"

namespace lucid {

// The position of a run between two steps. Together with the parameters, their averages and the
// optimizer's state it determines everything that follows.
struct Progress {
  std::int64_t epoch = 0;     // complete ones
  std::int64_t step = 0;      // of the optimizer, in the whole run
  std::int64_t batch = 0;     // of the current epoch: the sampler's position
  std::int64_t samples = 0;   // seen in it
  ObjectiveSums loss_sums{};  // over those samples
  bool has_best = false;
  double best = 0;  // of the monitored value
  std::int64_t epochs_since_best = 0;
  PlateauState plateau{};
  double seconds = 0;              // that the run took so far; 0 without a time limit
  double epoch_seconds = 0;        // that an epoch takes, with validation and checkpoints
  double fitted_seconds = 0;       // the time limit that the epochs were fitted to; 0: none yet
  std::int64_t fitted_epochs = 0;  // how many of them
};

// Notes an epoch's monitored value; returns whether it is the best so far. One that is NaN, because
// it is not defined, is neither better nor worse.
bool note_value(Progress& progress, double value, const TrainConfig& config);
void begin_next_epoch(Progress& progress);

// The other things that training changes.
struct Learner {
  Model& model;
  Optimizer& optimizer;
  std::optional<Ema>& ema;  // empty: no averages are kept
  std::int64_t batch_size;
};

// Returns the /state of a checkpoint. Call it while the averages stand in for the parameters, as
// they do when the parameters are saved.
State state_of(const Progress& progress, const Learner& learner);

// Returns where the run of a checkpoint is. Throws Error(kData) when something is missing.
Progress position_of(const CheckpointFile& checkpoint);

// Inverts state_of(); the checkpoint's parameters must be loaded before. Throws Error(kData) when
// something is missing.
Progress restore(const CheckpointFile& checkpoint, const Learner& learner);

}  // namespace lucid
