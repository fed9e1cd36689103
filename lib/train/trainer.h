#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/stopwatch.h"
#include "train/case_report.h"
#include "train/checkpoints.h"
#include "train/run_facts.h"
#include "train/step/train_step.h"
#include "train/time_limit.h"
#include "train/undefined_values.h"
#include "train/validation.h"

namespace lucid {

// Trains the model of a session for all epochs of its config and keeps the checkpoints of the run's
// folder. Of several ranks, all come to the same parameters, and the first alone writes. The
// session's "auto" values must be resolved.
class Trainer {
 public:
  // All arguments must outlive the trainer. `overlaps` as TrainStep has it.
  Trainer(Session& session, const RunFolder& folder, StopRequest stop_requested,
          Ranks& ranks = alone(), bool overlaps = true);

  // Continues exactly where the run stood when the checkpoint was written. Returns lines for the
  // user about what has changed since. Throws Error(kUsage) if the run cannot go on from there with
  // the session's config and sets.
  std::vector<std::string> resume(const CheckpointFile& checkpoint);
  // Returns true if run() has nothing to train.
  bool is_finished() const { return lucid::is_finished(progress_, config_); }
  std::int64_t complete_epochs() const { return progress_.epoch; }
  // Throws Error(kDiverged) when a loss, a gradient or a parameter is not finite; the checkpoints
  // on disk stay as they were unless the data are to blame. If these cannot be read, or are not
  // finite, the last complete step is saved first.
  EndEvent run(std::vector<Report*> reports);

  // Saves the last checkpoint of a new run, as run() does otherwise: from then on this run is the
  // one of the folder, and what belongs to an earlier one can be removed.
  void save_first();

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
  double spent_seconds() const { return seconds_before_ + run_watch_.seconds(); }
  void fit_to_time_limit(double step_seconds);
  void save_cases(const EpochEvent& event);
  void save_last(const Progress& progress);
  bool save_between_steps();
  std::string failure_text(const Error& error);
  std::optional<Measurements> validate();  // empty when a stop was requested
  EpochEvent epoch_event(double seconds, const Measurements& validation) const;
  bool note_epoch(const EpochEvent& event);
  double waited_for_ranks() const { return ranks_.wait_seconds() + step_.wait_seconds(); }
  bool is_epoch_complete() const;
  bool is_out_of_steps() const;
  void tell_warnings();  // of the session, those that are new
  EndEvent end(RunStatus status, const std::string& message);
  template <class Method, class Event>
  void tell(Method method, const Event& event) {
    for (Report* report : reports_) (report->*method)(event);
  }

  // The part of an epoch since it was begun or resumed.
  struct EpochPart {
    ReadCounts read_before;
    std::int64_t samples = 0;
    double waited_before = 0;  // for other ranks
    SteadySteps steps{};
    Stopwatch watch{};
  };

  Session& session_;
  const RunFolder& folder_;
  Ranks& ranks_;
  std::vector<Report*> reports_;
  const StopRequest stop_requested_;
  const TrainConfig& config_;
  Loader loader_;
  std::optional<Ema> ema_;
  TrainStep step_;
  Validation validation_;
  CaseReport cases_;
  UndefinedValues undefined_;
  const State facts_;
  Checkpoints checkpoints_;
  RunLength length_;
  const std::vector<double> lr_factors_;  // of the optimizer's groups
  StepRates rates_;                       // of the current step
  Progress progress_;
  EpochPart epoch_part_;
  Stopwatch run_watch_;
  double seconds_before_ = 0;  // that earlier processes spent on the run
  bool is_first_saved_ = false, is_within_step_ = false;
};

}  // namespace lucid
