#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/stopwatch.h"
#include "data/loader.h"
#include "train/progress.h"
#include "train/report.h"
#include "train/run_folder.h"
#include "train/session.h"

namespace lucid {

// Answers whether the run is to stop after the current step.
using StopRequest = std::function<bool()>;

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
  std::optional<RunStatus> run_epoch();
  std::optional<RunStatus> walk_batches(double lr);
  void step(const Batch& batch, double lr);
  std::optional<NamedValues> validate();  // empty when a stop was requested
  std::optional<RunStatus> finish_epoch(double lr, double seconds);
  bool note_best(double value);
  bool is_out_of_steps() const;
  bool is_out_of_patience() const;
  void check_parameters();  // diverged when one is not finite
  void save_last(const Progress& progress);
  void save(const std::filesystem::path& path, const Progress& progress);
  EndEvent end(RunStatus status, const std::string& message);
  [[noreturn]] void diverge(const std::string& what, Plan* plan);
  template <class Method, class Event>
  void tell(Method method, const Event& event) {
    for (Report* report : reports_) (report->*method)(event);
  }

  Session& session_;
  const RunFolder& folder_;
  const std::vector<Report*> reports_;
  const StopRequest stop_requested_;
  const TrainConfig& config_;
  Optimizer& optimizer_;
  Loader loader_;
  Evaluation evaluation_;
  std::optional<Loader> validation_loader_;
  Progress progress_;
  std::int64_t samples_this_time_ = 0;  // of the epoch, since it was begun or resumed
  Stopwatch epoch_watch_, save_watch_;
};

}  // namespace lucid
