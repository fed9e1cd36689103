#include "folds/named_checkpoints.h"

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "folds/fold_folder.h"
#include "train/config/train_config.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

// Reads no other section: the data need not be where the run was trained.
TrainConfig train_config(const Json& config, const std::string& file) {
  Json train = config.is_object() ? config.value("train", Json::object()) : Json::object();
  if (train.is_object()) train.erase("precision");  // which this machine may not have
  ConfigErrors errors(file);
  JsonObject object(train, "/train", errors);
  TrainConfig read = read_train_config(object);
  errors.throw_if_any();
  return read;
}

bool was_trained(const RunFolder& run) {
  const fs::path last = run.last_checkpoint();
  const Json config = CheckpointFile::open_again(last).config();  // is_trained() compares all of it
  return is_trained(run, train_config(config, last.string()));
}

void check_trained(const FoldFolder& folder, std::size_t fold) {
  const RunFolder run = folder.run(fold);
  const bool has_begun = kind_of(run.last_checkpoint()) == FileKind::kFile;
  if (has_begun && was_trained(run)) return;
  throw Error(ExitCode::kUsage,
              run.path().string() + ": expected a fold that is trained to its end, found " +
                  (has_begun ? "one that is not" : "none") + "; lucid-train --resume " +
                  folder.path().string() +
                  " goes on with all of them, or name the folders of those that are to predict");
}

FoldsConfig folds_config(const FoldFolder& folder) {
  const std::string file = folder.config().string();
  return train_config(read_json_file(file), file).folds.value_or(FoldsConfig());
}

void add_folds(const FoldFolder& folder, std::vector<fs::path>& files) {
  const Json splits = read_json_file(folder.splits());
  if (!splits.is_array() || splits.empty())
    throw Error(ExitCode::kUsage, folder.splits().string() + ": expected a list of folds, found " +
                                      found_text(splits));
  for (std::size_t fold = 0; fold < splits.size(); ++fold) check_trained(folder, fold);
  const FoldsConfig folds = folds_config(folder);
  for (std::size_t fold = 0; fold < splits.size(); ++fold)
    files.push_back(predicting_checkpoint(folder.run(fold), folds).path);
}

void add_run(const RunFolder& run, std::vector<fs::path>& files) {
  for (const fs::path& file : {run.best_checkpoint(), run.last_checkpoint()})
    if (kind_of(file) == FileKind::kFile) return files.push_back(file);
  throw Error(ExitCode::kUsage, run.path().string() +
                                    ": expected a checkpoint, or the folder of a run or of folds, "
                                    "found a folder without checkpoints/last.h5; name the file");
}

}  // namespace

std::vector<fs::path> named_checkpoints(const std::vector<std::string>& names) {
  std::vector<fs::path> files;
  for (const std::string& name : names) {
    if (kind_of(name) != FileKind::kFolder)
      files.emplace_back(name);
    else if (const FoldFolder folder(name); folder.holds_folds())
      add_folds(folder, files);
    else
      add_run(RunFolder(name), files);
  }
  return files;
}

}  // namespace lucid
