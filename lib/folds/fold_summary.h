#pragma once

#include <optional>
#include <string>

#include "folds/predictions.h"

namespace lucid {

// A cross-validation with the config of all its folds.
struct CrossValidation {
  const FoldFolder& folder;
  const FoldSplits& splits;
  const FoldCases& cases;
  const RunConfig& config;
};

// Measures all cases that some fold holds out, each as it was predicted, and writes summary.json;
// returns what it holds, or nothing if the predictions of some fold are not there. Labels of voxels
// are measured as lucid-data evaluate does. Throws Error.
std::optional<Json> write_fold_summary(const CrossValidation& folds);

// Returns the line about it: "52 cases out of fold: foreground Dice 0.8123".
std::string fold_summary_text(const Json& summary);

}  // namespace lucid
