#pragma once

#include <string>

#include "base/stopwatch.h"
#include "progress_bar.h"

namespace lucid {

// Shows the progress of work on stderr, on a terminal in one line, otherwise in a line now and
// then.
class WorkProgress {
 public:
  WorkProgress() = default;
  ~WorkProgress();
  WorkProgress(const WorkProgress&) = delete;
  WorkProgress& operator=(const WorkProgress&) = delete;
  void update(const std::string& name, double share);

 private:
  ProgressBar bar_;
  int percent_ = -1;
  Stopwatch since_line_;
};

}  // namespace lucid
