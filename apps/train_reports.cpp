#include "train_reports.h"

#include <iostream>

#include "base/text.h"
#include "json_progress.h"
#include "train_progress.h"

namespace lucid {
namespace {

// Shows warnings where no progress is shown.
class WarningLines : public Report {
 public:
  void note(const std::string& line) override {
    if (line.starts_with("warning: ")) std::cerr << message_line(line) << std::endl;
  }
};

std::unique_ptr<Report> make_progress(ProgressKind kind, std::int64_t log_every) {
  switch (kind) {
    case ProgressKind::kBar:
      return std::make_unique<TrainProgress>(log_every, TrainProgress::Kind::kDrawn);
    case ProgressKind::kPlain:
      return std::make_unique<TrainProgress>(log_every, TrainProgress::Kind::kLines);
    case ProgressKind::kJson:
      return std::make_unique<JsonProgress>();
    case ProgressKind::kNone:
      return std::make_unique<WarningLines>();
  }
  return nullptr;
}

}  // namespace

TrainReports::TrainReports(Session& session, const RunFolder& folder, std::int64_t step,
                           ProgressKind kind, const std::string& command)
    : log_(folder, session.config().train.log_every, session.validation_columns()),
      progress_(make_progress(kind, session.config().train.log_every)),
      page_(folder, [this](const std::string& line) {
        log_.note(line);
        progress_->note(line);
      }) {
  log_.note("command: " + command);
  const TrainConfig& config = session.config().train;
  if (config.tensorboard)
    events_.emplace(
        folder, session.config().json, session.engine(), session.model().parameters(),
        TensorBoardLog::Options{.log_every = config.log_every,
                                .histograms_every = config.tensorboard->histograms_every,
                                .step = step});
}

std::vector<Report*> TrainReports::all() {
  std::vector<Report*> reports{&log_, &page_, progress_.get()};
  if (events_) reports.push_back(&*events_);
  return reports;
}

void TrainReports::note(const std::string& line) {
  for (Report* report : all()) report->note(line);
}

}  // namespace lucid
