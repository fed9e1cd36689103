#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/unfinished_file.h"

namespace lucid {

// Locks a folder against other processes of lucid as long as it lives. It has no effect on file
// systems without locks. Look at what a folder holds only while it is locked.
class FolderLock {
 public:
  struct Texts {
    std::string cannot_make;  // "the run's folder cannot be made"
    std::string is_busy;      // "another process is training this run; ..."
  };

  // Makes the folder, with its parents, if it is missing; those that were made go with the lock if
  // they are still empty. Throws Error(kFailed) "PATH: cannot_make: reason" or "PATH: is_busy".
  FolderLock(const std::filesystem::path& folder, const Texts& texts);
  // The same, but null if another process holds the lock.
  static std::unique_ptr<FolderLock> if_free(const std::filesystem::path& folder,
                                             const std::string& cannot_make);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  // True if a process holds the lock of the folder; it is not kept from anyone.
  static bool is_held(const std::filesystem::path& folder);
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  enum class Attempt { kLocked, kGone, kBusy };

  FolderLock() = default;
  bool take(const std::filesystem::path& folder, const std::string& cannot_make);
  void make(const std::filesystem::path& folder);
  Attempt try_lock(const std::filesystem::path& folder);
  void close();

  int descriptor_ = -1;
  std::vector<std::filesystem::path> made_;
  std::vector<std::unique_ptr<RemovedAtSignal>> removed_;
};

}  // namespace lucid
