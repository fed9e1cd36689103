#pragma once

#include <functional>
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
  int threads = 1;
};

// Measures all cases that some fold holds out, each as it was predicted, and writes summary.json;
// returns what it holds, or nothing if the predictions of some fold are not there or `goes_on` said
// false. Labels of voxels are measured as lucid-data evaluate does; what is to be done to them is
// chosen by them and put into the checkpoints, see validated_rules(). Throws Error.
std::optional<Json> write_fold_summary(const CrossValidation& folds,
                                       const std::function<bool()>& goes_on);

// Returns the lines about it: "52 cases out of fold: foreground Dice 0.8123", and of labels
// "postprocessing chosen by validation: keep-largest=1: foreground Dice 0.8123 -> 0.8231".
std::string fold_summary_text(const Json& summary);

}  // namespace lucid
