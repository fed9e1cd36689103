#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/folder_lock.h"
#include "base/json.h"

namespace lucid {

// Locks a run's folder against other training processes as long as it lives.
using RunLock = FolderLock;

// The folder of a run, with config.json, log.txt, metrics.jsonl, metrics.csv, report.html,
// cases.json, checkpoints/last.h5, checkpoints/best.h5 and pictures in previews; and
// events.out.tfevents.* where train.tensorboard says so.
class RunFolder {
 public:
  explicit RunFolder(std::filesystem::path path) : path_(std::move(path)) {}
  // Returns runs/NAME-YYYYmmdd-HHMMSS, with -2, -3, ... if that exists.
  static RunFolder with_default_name(const std::string& name);

  bool holds_run() const;
  // Makes the folder, locks it and removes leftovers of processes that were killed. Look for a run
  // only after that. Throws Error(kFailed).
  RunLock lock() const;
  // The same for a folder that must exist.
  RunLock lock_existing() const;
  // Makes the folder of the checkpoints. Throws Error(kFailed).
  void make() const;
  // Removes the files of an earlier run but for its last checkpoint, which the new run replaces
  // before: at any time one run or the other can go on. Throws Error(kFailed).
  void remove_earlier_run() const;
  // Makes the folders and removes all files of an earlier run. Throws Error(kFailed).
  void create() const;
  void write_config(const Json& config) const;
  // The folder of the pictures that a run draws each so many epochs: previews/epoch_0005.
  std::filesystem::path previews_of(std::int64_t epoch) const;
  std::filesystem::path best_previews() const { return previews() / "best"; }
  void remove_best_previews() const;
  // Removes what tells of cases in a later epoch than that. Throws Error(kFailed).
  void remove_cases_after(std::int64_t epoch) const;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path config() const { return path_ / "config.json"; }
  std::filesystem::path log() const { return path_ / "log.txt"; }
  std::filesystem::path metrics() const { return path_ / "metrics.jsonl"; }
  std::filesystem::path table() const { return path_ / "metrics.csv"; }
  // The validation cases of the best epoch, and pictures of some.
  std::filesystem::path cases() const { return path_ / "cases.json"; }
  std::filesystem::path previews() const { return path_ / "previews"; }
  // A page about the run; the programs write it from the other files.
  std::filesystem::path report() const { return path_ / "report.html"; }
  // Times of the layers, which lucid-train --profile measures.
  std::filesystem::path profile() const { return path_ / "profile.json"; }
  // Statistics of the data, which can be measured again.
  std::filesystem::path measured() const { return path_ / "measured.h5"; }
  // The folder beside that of the run, for all runs there, of volumes imported from other formats.
  std::filesystem::path imported() const;
  static constexpr auto kImported = "imported";
  std::filesystem::path last_checkpoint() const { return path_ / "checkpoints" / "last.h5"; }
  std::filesystem::path best_checkpoint() const { return path_ / "checkpoints" / "best.h5"; }
  // What TensorBoard reads, the oldest first: a file for each process that trained the run.
  std::vector<std::filesystem::path> event_files() const;
  // The name of one more, which sorts behind them.
  std::filesystem::path next_event_file() const;
  std::vector<std::filesystem::path> files() const {
    return {config(), log(),     metrics(),  table(),           report(),
            cases(),  profile(), measured(), last_checkpoint(), best_checkpoint()};
  }

 private:
  template <class Work>
  void guarded(const Work& work) const;
  std::filesystem::path path_;
};

}  // namespace lucid
