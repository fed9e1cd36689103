#pragma once

#include <string>
#include <vector>

#include "folds/fold_cases.h"
#include "folds/fold_folder.h"
#include "infer/predict/options.h"

namespace lucid {

// What is predicted of the cases that a fold holds out.
enum class HeldOutKind {
  kLabels,  // a class for each voxel: a volume of labels a case
  kVoxels,  // values for each voxel: a volume a case
  kSamples  // anything else: one file for all, as numbers before activation
};
HeldOutKind held_out_kind(const RunConfig& config, const FoldCases& cases);

// Throws Error(kUsage) if what a network predicts cannot be measured over folds.
void check_held_out(const RunConfig& config, const FoldCases& cases);

// A case that a fold holds out, and its prediction where that is a volume.
struct HeldOutCase {
  std::string name;
  std::size_t fold;
};
std::vector<HeldOutCase> held_out_cases(const FoldSplits& splits);  // of all folds, by name
std::filesystem::path prediction_file(const FoldFolder& folder, const HeldOutCase& held_out);

// A fold whose run has been trained.
struct TrainedFold {
  const FoldFolder& folder;
  std::size_t fold;
  const FoldSplit& split;
  const FoldCases& cases;
  const FoldsConfig& folds;
  int threads;

  RunConfig config() const;  // what was in effect
};

// True if all cases that the fold holds out have been predicted from its present checkpoint.
bool is_predicted(const TrainedFold& fold);

// Predicts them, those left out that are there, and writes the measures. Volumes of labels are
// fold_K/validation/NAME.h5. Returns false if `progress` stopped it. Throws Error.
bool predict_held_out(const TrainedFold& fold, const InferProgress& progress,
                      const InferNote& note);

}  // namespace lucid
