#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/json.h"

namespace lucid {

// Keeps other processes off a run's folder as long as it lives. Where the file system has no locks,
// it keeps nobody off.
class RunLock {
 public:
  // Throws Error(kFailed) when another process trains there.
  explicit RunLock(const std::filesystem::path& folder);
  ~RunLock();
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;

 private:
  int folder_;  // file descriptor
};

// Where a run writes: config.json, log.txt, metrics.jsonl, metrics.csv, checkpoints/last.h5,
// checkpoints/best.h5.
class RunFolder {
 public:
  explicit RunFolder(std::filesystem::path path) : path_(std::move(path)) {}
  // runs/NAME-YYYYmmdd-HHMMSS, with -2, -3, ... where that exists.
  static RunFolder with_default_name(const std::string& name);

  bool holds_run() const;
  // Makes the folder; throws Error(kFailed) when that cannot be done, or as RunLock does.
  RunLock lock() const;
  // Makes the folders; takes away the files of a run that is there. Throws Error(kFailed) when that
  // cannot be done.
  void create() const;
  void write_config(const Json& config) const;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path config() const { return path_ / "config.json"; }
  std::filesystem::path log() const { return path_ / "log.txt"; }
  std::filesystem::path metrics() const { return path_ / "metrics.jsonl"; }
  std::filesystem::path table() const { return path_ / "metrics.csv"; }
  std::filesystem::path measured() const { return path_ / "measured.h5"; }  // what can be anew
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
