#pragma once

#include <string>
#include <vector>

#include "runs/run.h"
#include "runs/run_cases.h"
#include "runs/wilcoxon.h"

namespace lucid {

// The differences of one value over the cases that have it in two runs: the later minus the first.
struct PairedValue {
  std::string name;  // "loss", "dice"
  double mean = 0, median = 0;
  std::int64_t wins = 0, ties = 0, losses = 0;  // cases in which the later run is better, ...
  Wilcoxon test{};

  std::int64_t count() const { return wins + ties + losses; }
};
PairedValue paired(const std::string& name, std::vector<double> differences, bool higher_is_better);

// Compares the validation cases of the first run with those of each other one, as far as both
// have a cases.json that can be read.
class CaseComparison {
 public:
  explicit CaseComparison(const std::vector<Run>& runs);

  std::string text() const;  // empty if no run has cases
  Json json() const;

 private:
  struct Pair {
    std::size_t run;  // compared with the first
    std::int64_t shared = 0;
    std::vector<std::string> only_first, only_run;  // names of cases
    std::vector<PairedValue> values{};
  };

  void read(const std::vector<Run>& runs);
  Pair compare(const Run& first, std::size_t run) const;
  std::string pair_text(const Pair& pair) const;
  const RunCases& cases(std::size_t run) const { return *cases_[run]; }

  std::vector<std::string> folders_;
  std::vector<std::optional<RunCases>> cases_;
  std::vector<std::string> notes_;  // why a run is left out
  std::vector<Pair> pairs_;
};

}  // namespace lucid
