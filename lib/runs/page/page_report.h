#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/stopwatch.h"
#include "runs/page/run_page.h"
#include "train/report/report.h"
#include "train/report/run_folder.h"

namespace lucid {

// Writes report.html of a run when it begins, after each epoch and at its end. It reads the run's
// files, so it must receive events after the RunLog. Where epochs are so short that pages would
// take more than a twentieth of the time, some are left out; the last one never is.
class PageReport : public Report {
 public:
  using Warn = std::function<void(const std::string& line)>;

  // A page that cannot be written ends no training: `warn` is called once.
  PageReport(RunFolder folder, Warn warn) : folder_(std::move(folder)), warn_(std::move(warn)) {}

  void begin(const BeginEvent& event) override;
  void epoch(const EpochEvent& event) override;
  void end(const EndEvent& event) override;

 private:
  void write(bool is_running);

  RunFolder folder_;
  Warn warn_;
  std::optional<RunPage> page_;
  Stopwatch since_written_;
  double write_seconds_ = 0;  // of the last page
  bool has_warned_ = false;
};

}  // namespace lucid
