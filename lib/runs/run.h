#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "objective/metric/metric.h"

namespace lucid {

// A complete epoch of a run.
struct RunEpoch {
  std::int64_t epoch = 0, step = 0;  // from 1; the step is its last one
  NamedValues values;                // "train.loss", "validation.dice", "lr"; NaN if undefined
  double seconds = 0;
  bool is_best = false;  // of all epochs so far, by the monitored value

  std::optional<double> at(const std::string& name) const;
};

// The folder of a run as a program outside finds it.
struct Run {
  static constexpr int kDigits = 4;  // of values in tables

  std::filesystem::path folder{};
  // "running", "finished", "early_stopping", "interrupted", "diverged", or "stopped" where the
  // process ended without a word.
  std::string state{};
  std::string message{};  // why, when an error ended the run
  Json config{};          // what was in effect
  std::vector<RunEpoch> epochs{};
  std::optional<std::int64_t> fitted_epochs{};  // to the time limit

  std::string name() const { return config.value("name", folder.filename().string()); }
  std::int64_t planned_epochs() const;
  double seconds() const;                                // of the complete epochs
  std::string monitor() const;                           // "validation.loss"
  bool higher_is_better() const;                         // of the monitored value
  bool is_higher_better(const std::string& name) const;  // of "loss", "dice" or "dice_1"
  const RunEpoch* best() const;                          // by the monitored value, or null
  std::optional<double> best_value() const;
  std::string best_text() const;  // of the value; empty without one
};

// True if a training process made the folder for its run.
bool is_run(const std::filesystem::path& folder);
// Reads config.json alone. Throws Error(kData) if it is missing or damaged.
Run read_run_config(const std::filesystem::path& folder);
// Throws Error(kData) if config.json or metrics.jsonl is missing or damaged. A last line that was
// being written is left out.
Run read_run(const std::filesystem::path& folder);

// A folder that was passed over, and why.
struct PassedOver {
  std::filesystem::path folder;
  std::string why;
};
struct FoundRuns {
  std::vector<Run> runs;  // in the order of their folders' names
  std::vector<PassedOver> passed_over;
};
// Reads the runs that the folders are or hold, at any depth. Links to folders inside are not
// followed. Throws Error(kUsage) for a path that is no folder.
FoundRuns find_runs(const std::vector<std::filesystem::path>& folders);

}  // namespace lucid
