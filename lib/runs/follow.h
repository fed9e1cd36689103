#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "train/report/report.h"

namespace lucid {

// Reads the log of a run while the run goes on.
class RunFollower {
 public:
  // `config` is the run's. The names of its metrics tell values from details.
  RunFollower(std::filesystem::path metrics, const Json& config);

  // Tells what was logged since the last call: steps, epochs, ends. Returns true if the log had
  // been rewound before, as a run is that goes on from a checkpoint. Throws Error(kData) for what
  // is no event; a line that is being written waits.
  bool poll(Report& report);

  // The epochs of the run, if they were fitted to a time limit.
  std::optional<std::int64_t> fitted_epochs() const { return fitted_epochs_; }
  std::int64_t step() const { return step_; }                        // the last one that was told
  std::int64_t steps_per_epoch() const { return steps_per_epoch_; }  // 0 before the first epoch
  // "stopped" until an end is told, then its status.
  const std::string& state() const { return state_; }
  const std::string& message() const { return message_; }  // why, when an error ended the run
  // Takes an end that was told for that of an earlier part of the run.
  void forget_end();

 private:
  void tell(std::string_view lines, Report& report);
  void tell_event(const Json& event, Report& report);
  StepEvent step_event(const Json& event) const;
  EpochEvent epoch_event(const Json& event) const;

  std::filesystem::path metrics_;
  std::vector<std::string> value_names_;
  std::string told_;  // whole lines
  std::int64_t step_ = 0, epoch_end_ = 0, steps_per_epoch_ = 0;
  std::optional<std::int64_t> fitted_epochs_;
  double samples_per_second_ = 0;  // of the last epoch
  std::string state_ = "stopped", message_;
};

}  // namespace lucid
