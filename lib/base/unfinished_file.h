#pragma once

#include <filesystem>
#include <optional>

namespace lucid {

// A file that a program writes. Programs replace files of users only when they are told to.
struct OutputFile {
  std::filesystem::path path;
  bool may_overwrite = false;
};

// Returns the folder that holds the path, "." for a plain name.
std::filesystem::path folder_of(const std::filesystem::path& path);

// Returns the file that writing to `path` replaces: where a link leads, else `path` itself. Throws
// Error "PATH: cannot be written: reason": kUsage for a link that leads nowhere and for a device, a
// FIFO or a socket, kFailed for a folder.
std::filesystem::path written_file(const std::filesystem::path& path);

// Removes PATH.unfinished-PID of processes that were killed, and none that may still be written.
void remove_leftovers(const std::filesystem::path& path);

// Removes what every object below stands for. A signal handler may call it before it ends the
// process.
void remove_unfinished_files() noexcept;

// A file, or an empty folder, that does not outlive the process if a signal ends it.
class RemovedAtSignal {
 public:
  explicit RemovedAtSignal(const std::filesystem::path& path);
  ~RemovedAtSignal();
  RemovedAtSignal(const RemovedAtSignal&) = delete;
  RemovedAtSignal& operator=(const RemovedAtSignal&) = delete;

 private:
  int slot_;
};

// A temporary file beside the file that it will replace; links are followed and kept. It is locked
// while it is being written, so that others can tell it from a leftover, and removed unless it is
// put in place. Everything throws Error(kFailed) "PATH: cannot be written: reason".
class UnfinishedFile {
 public:
  // Replaces whatever file is there.
  explicit UnfinishedFile(const std::filesystem::path& path)
      : UnfinishedFile(OutputFile{path, true}) {}
  explicit UnfinishedFile(const OutputFile& output);
  ~UnfinishedFile();
  UnfinishedFile(const UnfinishedFile&) = delete;
  UnfinishedFile& operator=(const UnfinishedFile&) = delete;

  const std::filesystem::path& path() const { return unfinished_; }
  // Syncs the file, which its writer must have closed, and renames it to its final path. Throws
  // Error(kUsage) if a file appeared there meanwhile that may not be replaced.
  void put_in_place();

  // Instead of put_in_place(), for files that replace others together. sync() all of them first;
  // take_back() undoes exchange(), after which the file that was there is kept until the end.
  void sync();
  void exchange();
  void take_back();

 private:
  std::filesystem::path create();
  void close_written();
  void rename_to_target() const;

  OutputFile output_;
  std::filesystem::path target_;
  int descriptor_ = -1;         // holds the lock
  bool keeps_earlier_ = false;  // under the unfinished name
  std::optional<RemovedAtSignal> removed_;
  std::filesystem::path unfinished_;
};

}  // namespace lucid
