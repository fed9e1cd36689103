#pragma once

#include <string>
#include <vector>

#include "folds/fold_cases.h"
#include "folds/fold_folder.h"

namespace lucid {

// The config of all folds of a folder, with numbers for what is measured over all of its cases.
struct SharedConfig {
  Json config;  // effective
  // The "normalize" of the experiment file that the numbers were measured by; null if none were.
  Json normalize;
  std::vector<std::string> notes{};  // about the values of the cases, a line each
};

// How the values of the cases are measured.
struct ValueMeasuring {
  int threads = 0;         // 0: all that the machine offers
  bool is_allowed = true;  // false: a rule stays a rule unless the folder holds its numbers
};

// Resolves the median voxel size and a "normalize" over the set, as nnU-Net's fingerprint does: all
// cases count, whichever fold holds them out. What the folder holds is not measured again; of
// folds that were begun by rules of their own these stay. Throws Error(kUsage) if the folder's
// numbers were measured by another rule, Error(kData) if they cannot be measured.
SharedConfig shared_config(const RunConfig& config, const FoldCases& cases,
                           const FoldFolder& folder, const ValueMeasuring& measuring);

}  // namespace lucid
