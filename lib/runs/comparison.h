#pragma once

#include <span>
#include <string>
#include <vector>

#include "runs/case_comparison.h"
#include "runs/differences.h"

namespace lucid {

// Returns all that a run's files tell: state, config file, checkpoints, and a row an epoch.
std::string run_text(const Run& run);

// What differs between the configs of some runs, their curves side by side, and the differences of
// their validation cases.
class RunComparison {
 public:
  // `values` are curves, as "train.loss"; empty: that and what the runs monitor. Throws
  // Error(kUsage) for one that no run has.
  RunComparison(std::vector<Run> runs, std::vector<std::string> values);

  // Of many epochs shows so many rows, the first, the last and the best ones among them.
  std::string text(std::int64_t most_rows) const;
  Json json() const;  // every epoch

 private:
  std::vector<std::int64_t> epochs(std::int64_t most_rows) const;

  std::vector<Run> runs_;
  std::vector<Difference> differences_;
  std::vector<std::string> values_;
  CaseComparison cases_;
};

}  // namespace lucid
