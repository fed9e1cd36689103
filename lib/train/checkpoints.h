#pragma once
// Private to this room.

#include <filesystem>
#include <optional>

#include "base/stopwatch.h"
#include "train/progress.h"
#include "train/report/run_folder.h"
#include "train/session/session.h"

namespace lucid {

// Writes the last and the best checkpoint of a run, with averaged parameters if the run averages.
class Checkpoints {
 public:
  // All arguments must outlive it. `ema` may be filled later, but before the first save or load.
  // Every checkpoint holds the facts.
  Checkpoints(Session& session, const RunFolder& folder, std::optional<Ema>& ema,
              const State& facts);

  // Loads the parameters, their averages and the optimizer's state; returns where the run stood.
  Progress load(const CheckpointFile& checkpoint);

  // Throws Divergence, and writes nothing, if a parameter is not finite. Restarts the clock.
  void save_last(const Progress& progress);
  void save_best(const Progress& progress);
  void check_parameters() const;

  // The last checkpoint is due when it is older than train.checkpoint_every.minutes.
  bool is_due() const;
  void restart_clock() { watch_.restart(); }

  // How long an epoch's checkpoints take at most, if the next ones take as long as the last one.
  double seconds_of_epoch() const;

 private:
  void save(const std::filesystem::path& path, const Progress& progress);

  Session& session_;
  const RunFolder& folder_;
  const Learner learner_;
  const State& facts_;
  Stopwatch watch_;
  double save_seconds_ = 0;  // of the last one
};

}  // namespace lucid
