#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "data/chunks/cache.h"
#include "objective/metric/metric.h"

namespace lucid {

// Epochs, steps and batches in events count from 1.
struct BeginEvent {
  std::string name, folder, machine;  // machine: Engine::describe()
  std::int64_t epoch = 1, epochs = 1, batches = 1;
  std::int64_t steps = 1;  // of the optimizer, in the whole run
  std::int64_t train_samples = 0, validation_samples = 0, parameters = 0;
  std::string monitor{};
  bool has_best = false;
  double best = 0;  // of the monitored value, so far
};

struct StepEvent {
  std::int64_t epoch, step, batch;
  float loss;  // of this step's batches, before its update; NaN if nothing counted
  double lr;
  double samples_per_second;  // since the epoch began
};

// Shares of an epoch's time in which a rank waited for data, and for other ranks.
struct RankWaits {
  double data = 0, communication = 0;
};

struct EpochEvent {
  std::int64_t epoch, step;
  double train_loss;        // NaN if nothing counted
  Measurements validation;  // empty without a validation set
  double lr, seconds, samples_per_second;
  double data_wait;  // share of the time spent waiting for data, by the first rank
  ReadCounts read;   // validation included
  bool best;
  std::vector<RankWaits> ranks{};  // empty if there is only one
};

// The epochs of a run, fitted to train.time_limit at the end of `epoch`.
struct TimeLimitEvent {
  std::int64_t epoch, step;    // complete ones
  std::int64_t epochs, steps;  // of the whole run
  double epoch_seconds;        // that an epoch takes, with validation and checkpoints
  double seconds;              // that the run took so far
  double limit_seconds;
};

// A picture of validation cases, as a PNG file; `name` is the same in each epoch: "best/worst".
struct PictureEvent {
  std::int64_t epoch, step;
  std::string name;
  std::vector<std::byte> png;
  std::int64_t width, height;
};

enum class RunStatus { kFinished, kEarlyStopping, kInterrupted, kDiverged };
std::string status_text(RunStatus status);  // "finished", "early_stopping", ...

struct EndEvent {
  RunStatus status;
  std::int64_t epoch, step;  // complete epochs
  std::string monitor;
  bool has_best;
  double best;          // of the monitored value
  std::string message;  // why, when an error ended the run
};

// Receives the events of a run, on the training thread.
class Report {
 public:
  virtual ~Report() = default;
  virtual void begin(const BeginEvent&) {}
  virtual void step(const StepEvent&) {}
  virtual void epoch(const EpochEvent&) {}
  virtual void time_limit(const TimeLimitEvent&) {}  // behind the epoch's event
  virtual void picture(const PictureEvent&) {}       // before the epoch's event
  virtual void end(const EndEvent&) {}
  // Receives a line of text, as about a checkpoint written on a signal. Warnings begin with
  // "warning: ".
  virtual void note(const std::string&) {}
  // What was received must survive a loss of power: a checkpoint that counts on it follows.
  virtual void sync() {}
};

// Returns the line about an epoch for the log and the terminal, without a newline.
std::string epoch_line(const EpochEvent& event, std::int64_t epochs);
// Returns the line about the time limit.
std::string time_limit_line(const TimeLimitEvent& event);

}  // namespace lucid
