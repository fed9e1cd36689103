#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/stopwatch.h"
#include "train/checkpoints.h"
#include "train/train_step.h"
#include "train/undefined_values.h"
#include "train/validation.h"

namespace lucid {

// Trains the model of a session for all epochs of its config and keeps the checkpoints of the run's
// folder. The session's "auto" values must be resolved.
class Trainer {
 public:
  // All arguments must outlive the trainer.
  Trainer(Session& session, const RunFolder& folder, std::vector<Report*> reports,
          StopRequest stop_requested);

  // Continues exactly where the run stood when the checkpoint was written.
  void resume(const CheckpointFile& checkpoint);
  // Throws Error(kDiverged) when a loss, a gradient or a parameter is not finite; the checkpoints
  // on disk stay as they were.
  EndEvent run();

 private:
  // The run continues until one of these returns a status.
  RunStatus run_epochs();
  std::optional<RunStatus> run_epoch();
  std::optional<RunStatus> finish_epoch();

  bool take_step();
  RandomState random_state() const;
  void finish_step();
  void warn(const std::vector<std::string>& warnings);
  void set_rates();
  std::optional<Measurements> validate();  // empty when a stop was requested
  EpochEvent epoch_event(double seconds, const Measurements& validation) const;
  bool note_epoch(const EpochEvent& event);
  bool is_epoch_complete() const;
  bool is_out_of_steps() const;
  bool is_out_of_patience() const;
  EndEvent end(RunStatus status, const std::string& message);
  template <class Method, class Event>
  void tell(Method method, const Event& event) {
    for (Report* report : reports_) (report->*method)(event);
  }

  // The part of an epoch since it was begun or resumed.
  struct EpochPart {
    ReadCounts read_before;
    std::int64_t samples = 0;
    Stopwatch watch{};
  };

  Session& session_;
  const RunFolder& folder_;
  const std::vector<Report*> reports_;
  const StopRequest stop_requested_;
  const TrainConfig& config_;
  Loader loader_;
  std::optional<Ema> ema_;
  TrainStep step_;
  Validation validation_;
  UndefinedValues undefined_;
  Checkpoints checkpoints_;
  const RunLength length_;
  const std::vector<double> lr_factors_;  // of the optimizer's groups
  StepRates rates_;                       // of the current step
  Progress progress_;
  EpochPart epoch_part_;
};

}  // namespace lucid
