#include "folds/fold_folder.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "train/config/resume.h"
#include "train/run_facts.h"

namespace lucid {

namespace fs = std::filesystem;

bool FoldFolder::holds_folds() const { return kind_of(splits()) == FileKind::kFile; }

// Another process may have written the config, and the splits not yet.
bool FoldFolder::is_begun() const {
  if (kind_of(config()) != FileKind::kFile) return false;
  const Json json = read_json_file(config());
  return json.contains("train") && json["train"].contains("folds");
}

void FoldFolder::check_goes_on(const FoldSplits& wanted, const Json& wanted_config) const {
  if (RunFolder(path_).holds_run() && !is_begun() && !holds_folds())
    throw Error(ExitCode::kUsage, path_.string() +
                                      ": expected a folder of folds or none, found one that holds "
                                      "a run; choose another with --output");
  if (!holds_folds()) return;
  if (read_file(splits(), "the splits", ExitCode::kData) != splits_text(wanted))
    throw Error(ExitCode::kUsage, splits().string() +
                                      ": expected the splits of train.folds, found others; go on "
                                      "with these, or choose another folder with --output");
  if (kind_of(config()) != FileKind::kFile) return;
  ConfigErrors errors(config().string());
  compare_configs(read_json_file(config()), wanted_config, errors);
  errors.throw_if_any();
}

// Without a config the rule says nothing, so that it may stand alone for a moment.
void FoldFolder::write(const FoldSplits& wanted, const Json& wanted_config,
                       const Json& rule) const {
  fs::create_directories(path_);
  for (const fs::path& file : {normalize(), config(), splits(), summary()}) remove_leftovers(file);
  if (!rule.is_null()) write_file_atomically(normalize(), json_text(rule) + "\n");
  write_file_atomically(config(), json_text(wanted_config, 2) + "\n");
  write_file_atomically(splits(), splits_text(wanted));
}

void FoldFolder::remove_if_not_begun() const {
  std::error_code ignored;  // what cannot be removed stays
  for (const fs::directory_entry& entry : fs::directory_iterator(path_, ignored))
    if (entry.is_directory(ignored)) return;
  for (const fs::path& file : {splits(), config(), normalize()}) fs::remove(file, ignored);
  fs::remove(path_, ignored);  // does nothing to a folder that holds something
}

void FoldFolder::remove_predictions(std::size_t fold) const {
  fs::remove(summary());
  fs::remove(postprocessing());
  fs::remove_all(predictions(fold));
}

Json fold_config(Json config, const FoldSplit& split) {
  Json& data = config["data"];
  data["validation"] = data["train"];
  data["train"]["cases"] = split.train;
  data["validation"]["cases"] = split.held_out;
  config["train"].erase("folds");
  return config;
}

namespace {

// Whether the last event of a run's log is its end.
bool has_ended(const fs::path& metrics) {
  const auto text = read_file_if_any(metrics, "the log of a run", ExitCode::kData);
  if (!text || !text->ends_with('\n')) return false;
  const std::size_t before = text->rfind('\n', text->size() - 2);
  const std::size_t begin = before == std::string::npos ? 0 : before + 1;
  const Json event = Json::parse(text->substr(begin), nullptr, /*allow_exceptions=*/false);
  return event.is_object() && event.value("event", "") == "end" &&
         (event.value("status", "") == "finished" || event.value("status", "") == "early_stopping");
}

}  // namespace

bool is_trained(const RunFolder& folder, const TrainConfig& config) {
  if (kind_of(folder.last_checkpoint()) != FileKind::kFile) return false;
  const Progress progress = position_of(CheckpointFile(folder.last_checkpoint()));
  return is_finished(progress, config) && has_ended(folder.metrics());
}

PredictingCheckpoint predicting_checkpoint(const RunFolder& folder, const FoldsConfig& folds) {
  const bool takes_best =
      folds.predicts_best && kind_of(folder.best_checkpoint()) == FileKind::kFile;
  const fs::path path = takes_best ? folder.best_checkpoint() : folder.last_checkpoint();
  // Whoever predicts with it compares all of it.
  const CheckpointFile checkpoint = CheckpointFile::open_again(path);
  Json identity{{"checkpoint", path.lexically_relative(folder.path()).string()},
                {"epoch", checkpoint.integer("epoch")},
                {"step", checkpoint.integer("step")}};
  if (folds.predicts_flips) identity["tta"] = "flips";
  return {path, std::move(identity)};
}

}  // namespace lucid
