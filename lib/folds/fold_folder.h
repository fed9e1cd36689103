#pragma once

#include <filesystem>
#include <string>

#include "folds/splits.h"
#include "store/checkpoint.h"
#include "train/report/run_folder.h"

namespace lucid {

// The folder of a cross-validation: splits_final.json, config.json, normalize.json, a run fold_K
// for each fold with its predictions of the cases that it holds out in fold_K/validation,
// postprocessing.json, and summary.json.
class FoldFolder {
 public:
  explicit FoldFolder(std::filesystem::path path) : path_(std::move(path)) {}

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path splits() const { return path_ / "splits_final.json"; }
  std::filesystem::path config() const { return path_ / "config.json"; }
  // The rule by which data.normalize of config.json was measured, if it was.
  std::filesystem::path normalize() const { return path_ / "normalize.json"; }
  std::filesystem::path summary() const { return path_ / "summary.json"; }
  // What is done to labels that the networks predict, as these predictions say.
  std::filesystem::path postprocessing() const { return path_ / "postprocessing.json"; }
  RunFolder run(std::size_t fold) const {
    return RunFolder(path_ / ("fold_" + std::to_string(fold)));
  }
  std::filesystem::path predictions(std::size_t fold) const {
    return run(fold).path() / "validation";
  }
  // The measures of these predictions; it is written when all of them are there.
  std::filesystem::path fold_summary(std::size_t fold) const {
    return predictions(fold) / "summary.json";
  }
  // Says which checkpoint they are of.
  std::filesystem::path predicted_by(std::size_t fold) const {
    return predictions(fold) / "checkpoint.json";
  }

  bool holds_folds() const;
  // Throws Error(kUsage) if the folder was made with other splits, or with a config that differs in
  // more than its "train" section, or holds a run.
  void check_goes_on(const FoldSplits& splits, const Json& config) const;
  // Writes splits and config, and the rule of its numbers in "normalize" unless that is null.
  void write(const FoldSplits& splits, const Json& config, const Json& normalize) const;
  // Removes these again, and the folder if it is then empty, unless a fold was begun.
  void remove_if_not_begun() const;
  // Removes the predictions of a fold, and what was made of those of all.
  void remove_predictions(std::size_t fold) const;

 private:
  bool is_begun() const;

  std::filesystem::path path_;
};

// Returns the config of the run of a fold: data.train has the cases that it trains on,
// data.validation those that it holds out. `config` is effective.
Json fold_config(Json config, const FoldSplit& split);

// True if the run of the folder has come to its end by the config, and its log says so.
bool is_trained(const RunFolder& folder, const TrainConfig& config);

// The checkpoint of a trained run that predicts, and what its predictions are known by.
struct PredictingCheckpoint {
  std::filesystem::path path;
  Json identity;
};
PredictingCheckpoint predicting_checkpoint(const RunFolder& folder, const FoldsConfig& folds);

}  // namespace lucid
