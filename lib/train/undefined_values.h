#pragma once

#include <string>
#include <vector>

#include "train/report/report.h"
#include "train/session/session.h"

namespace lucid {

// Words warnings about values that a run cannot measure, each once.
class UndefinedValues {
 public:
  explicit UndefinedValues(Session& session) : session_(session) {}

  // Warns of metrics that have no validation set.
  std::vector<std::string> of_config() const;
  // Warns of a monitored value and of losses that are not defined in this epoch; not of the losses
  // of sets whose labels are all ignored, which is said before.
  std::vector<std::string> of_epoch(const EpochEvent& event);

 private:
  std::string monitor_warning(const EpochEvent& event) const;
  bool is_new(const std::string& name, const Dataset& set) const;

  Session& session_;
  bool has_told_monitor_ = false, has_told_train_ = false, has_told_validation_ = false;
};

}  // namespace lucid
