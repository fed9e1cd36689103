#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "train/cases/case_measurements.h"

namespace lucid {

// How much of a large set cases.json lists. A case takes some 100 bytes of it.
struct CaseLimits {
  // Beyond this, each n-th case is listed, the same ones in each run: pairs of runs are compared
  // by cases that were not chosen by their values.
  std::size_t listed = 2000;
  std::size_t worst = 100;  // listed beside them, then
};

// A picture of the worst, the median or the best case.
struct CasePicture {
  std::string role, name, file;  // the file relative to the run's folder
};

// What cases.json says around the cases.
struct CaseFacts {
  std::int64_t epoch = 0, step = 0;
  std::string ranked_by = "loss";
  std::vector<CasePicture> pictures{};
};

// Returns what cases.json holds. `ranked` are rows, the worst first.
Json cases_json(const CaseMeasurements& measured, const CaseList& list, const CaseFacts& facts,
                std::span<const std::size_t> ranked, const CaseLimits& limits = {});
std::string cases_text(const Json& json);  // as in the file: a line a case

}  // namespace lucid
