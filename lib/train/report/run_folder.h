#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/json.h"

namespace lucid {

// Locks a run's folder against other training processes as long as it lives. It has no effect on
// file systems without locks.
class RunLock {
 public:
  // Removes what killed processes left there. Throws Error(kFailed) when another process trains
  // there.
  explicit RunLock(const std::filesystem::path& folder);
  ~RunLock();
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;

 private:
  int folder_;  // file descriptor
};

// The folder of a run, with config.json, log.txt, metrics.jsonl, metrics.csv, checkpoints/last.h5
// and checkpoints/best.h5.
class RunFolder {
 public:
  explicit RunFolder(std::filesystem::path path) : path_(std::move(path)) {}
  // Returns runs/NAME-YYYYmmdd-HHMMSS, with -2, -3, ... if that exists.
  static RunFolder with_default_name(const std::string& name);

  bool holds_run() const;
  // Makes the folder and locks it. Throws Error(kFailed) when that fails.
  RunLock lock() const;
  // Makes the folders and removes the files of an earlier run. Throws Error(kFailed) when that
  // fails.
  void create() const;
  void write_config(const Json& config) const;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path config() const { return path_ / "config.json"; }
  std::filesystem::path log() const { return path_ / "log.txt"; }
  std::filesystem::path metrics() const { return path_ / "metrics.jsonl"; }
  std::filesystem::path table() const { return path_ / "metrics.csv"; }
  // Statistics of the data, which can be measured again.
  std::filesystem::path measured() const { return path_ / "measured.h5"; }
  std::filesystem::path last_checkpoint() const { return path_ / "checkpoints" / "last.h5"; }
  std::filesystem::path best_checkpoint() const { return path_ / "checkpoints" / "best.h5"; }

 private:
  template <class Work>
  void guarded(const Work& work) const;
  std::vector<std::filesystem::path> files() const {
    return {config(), log(), metrics(), table(), last_checkpoint(), best_checkpoint()};
  }

  std::filesystem::path path_;
};

}  // namespace lucid
