#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runs/page/page_report.h"
#include "train/report/run_log.h"
#include "train/session/session.h"
#include "train/tensorboard/tensorboard_log.h"

namespace lucid {

// How a run shows its progress on stderr.
enum class ProgressKind { kBar, kPlain, kJson, kNone };
inline const std::vector<std::string> kProgressNames{"bar", "plain", "json", "none"};

// All that receives the events of a run: the files of its folder, and stderr.
class TrainReports {
 public:
  // The run stands behind `step`. The session and the folder must outlive the reports.
  // `command` is the command line, for the log.
  TrainReports(Session& session, const RunFolder& folder, std::int64_t step, ProgressKind kind,
               const std::string& command);

  std::vector<Report*> all();
  void note(const std::string& line);

 private:
  RunLog log_;
  std::optional<TensorBoardLog> events_;
  std::unique_ptr<Report> progress_;
  PageReport page_;
};

}  // namespace lucid
