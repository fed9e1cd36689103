#pragma once

#include <string>
#include <vector>

#include "train/report/report.h"
#include "train/session.h"

namespace lucid {

// Words warnings about values that a run cannot measure, each once.
class UndefinedValues {
 public:
  explicit UndefinedValues(Session& session) : session_(session) {}

  // Warns of metrics that have no validation set.
  std::vector<std::string> of_config() const;
  // Warns of sets whose labels are all ignored. In a run of_epoch() does, once it has met them.
  std::vector<std::string> of_labels() const;
  // Warns of a monitored value and of losses that are not defined in this epoch.
  std::vector<std::string> of_epoch(const EpochEvent& event);

 private:
  std::string monitor_warning(const EpochEvent& event) const;
  bool is_monitored(const std::string& name) const;

  Session& session_;
  bool has_told_monitor_ = false, has_told_train_ = false, has_told_validation_ = false;
};

}  // namespace lucid
