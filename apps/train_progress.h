#pragma once

#include "base/stopwatch.h"
#include "progress_bar.h"
#include "train/report/report.h"
#include "train_status.h"

namespace lucid {

// Shows the progress of a run on stderr: where drawn, in a line of the terminal that is drawn anew;
// otherwise in a line every `log_every` steps. A line about each epoch stays.
class TrainProgress : public Report {
 public:
  enum class Kind { kLines, kDrawn };  // kDrawn: where a terminal can

  TrainProgress(std::int64_t log_every, Kind kind);

  void begin(const BeginEvent& event) override;
  void step(const StepEvent& event) override;
  void epoch(const EpochEvent& event) override;
  void time_limit(const TimeLimitEvent& event) override;
  void end(const EndEvent& event) override;
  void note(const std::string& line) override;

  // What begin() does but for its line. Takes 0 batches and 0 steps for not known.
  void plan(const BeginEvent& event);
  // Takes over the values of an epoch without a line about it.
  void remember(const EpochEvent& event);
  void clear();  // what is drawn, if anything is

 private:
  void draw(const StepEvent& event);

  ProgressBar bar_;
  bool is_drawn_;
  std::int64_t log_every_, steps_ = 0;
  TrainStatus status_;
  // The first batch of the epoch and the first step of the run that were seen; a resumed run does
  // not begin with 1. 0: none yet.
  std::int64_t first_batch_ = 0, first_step_ = 0;
  Stopwatch epoch_watch_, run_watch_, draw_watch_;
};

}  // namespace lucid
