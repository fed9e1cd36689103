#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/stopwatch.h"
#include "train/divergence.h"
#include "train/progress.h"
#include "train/report/run_folder.h"
#include "train/train_step.h"
#include "train/validation.h"

namespace lucid {

// Runs a settled session's epochs and keeps the checkpoints of its folder.
class Trainer {
 public:
  // All must outlive the trainer.
  Trainer(Session& session, const RunFolder& folder, std::vector<Report*> reports,
          StopRequest stop_requested);

  void resume(
      const CheckpointFile& checkpoint);  // goes on exactly where the run stood when it was written
  // Throws Error(kDiverged) when a loss, a gradient or a parameter is not finite; what is on disk
  // stays as it was.
  EndEvent run();

 private:
  void tell_begin();
  RunStatus run_epochs();
  std::optional<RunStatus> run_epoch();
  std::optional<RunStatus> walk_batches();
  void add(const Batch& batch);
  bool is_step_complete() const;
  bool is_epoch_complete() const;
  void finish_step();
  std::optional<RunStatus> finish_epoch(double seconds);
  std::optional<Measurements> validate();  // empty when a stop was requested
  bool count_epoch(const EpochEvent& event);
  bool is_out_of_steps() const;
  bool is_out_of_patience() const;
  void check_parameters();  // diverged when one is not finite
  void save_last(const Progress& progress);
  void save(const std::filesystem::path& path, const Progress& progress);
  EndEvent end(RunStatus status, const std::string& message);
  [[noreturn]] void diverge(const Divergence& divergence);
  Learner learner() {
    return {session_.model(), *session_.config().optimizer, ema_, session_.batch_size()};
  }
  template <class Method, class Event>
  void tell(Method method, const Event& event) {
    for (Report* report : reports_) (report->*method)(event);
  }

  Session& session_;
  const RunFolder& folder_;
  const std::vector<Report*> reports_;
  const StopRequest stop_requested_;
  const TrainConfig& config_;
  Loader loader_;
  std::optional<Ema> ema_;
  TrainStep step_;
  Validation validation_;
  const RunLength length_;
  const std::vector<double> lr_factors_;  // of the optimizer's groups
  StepRates rates_;                       // of the step under way
  Progress progress_;
  std::int64_t samples_this_time_ = 0;  // of the epoch, since it was begun or resumed
  ReadCounts read_before_;              // the epoch
  Stopwatch epoch_watch_, save_watch_;
};

}  // namespace lucid
