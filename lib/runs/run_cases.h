#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "objective/metric/metric.h"

namespace lucid {

// What a run's cases.json tells of the validation cases in its best epoch.
struct RunCases {
  struct Case {
    std::string name;
    NamedValues values;  // the loss and metrics; NaN if undefined
  };

  std::int64_t epoch = 0;
  std::string ranked_by;
  std::int64_t count = 0;  // of the set, of which the file may list a part
  std::vector<Case> cases;

  const Case* find(const std::string& name) const;
  // Returns "16 of epoch 12; worst by dice case_004 0.7100, best case_001 0.9200".
  std::string extremes(bool higher_is_better) const;
};

// Reads the file; returns nothing if the run has none. Throws Error(kData) if it is damaged.
std::optional<RunCases> read_run_cases(const std::filesystem::path& folder);

}  // namespace lucid
