#pragma once

#include "base/stopwatch.h"
#include "progress_bar.h"
#include "train/report/report.h"

namespace lucid {

// Shows the progress of a run on stderr: a bar with rate and remaining time on a terminal, plain
// lines otherwise.
class TrainProgress : public Report {
 public:
  explicit TrainProgress(std::int64_t log_every);

  void begin(const BeginEvent& event) override;
  void step(const StepEvent& event) override;
  void epoch(const EpochEvent& event) override;
  void end(const EndEvent& event) override;
  void note(const std::string& line) override;

 private:
  void draw(const StepEvent& event);

  ProgressBar bar_;
  std::int64_t log_every_, epochs_ = 1, batches_ = 1;
  // The first batch of the epoch that was seen; a resumed run does not begin with batch 1.
  std::int64_t first_batch_ = 0;
  Stopwatch epoch_watch_, draw_watch_;
};

}  // namespace lucid
