#pragma once

#include <filesystem>
#include <set>

#include "base/unfinished_file.h"

namespace lucid {

// Throws Error(kUsage) "PATH: exists; --overwrite replaces it", or if there is something else than
// a Zarr store or an empty folder, which no option replaces.
void check_store_output(const OutputFile& output);

// The files of a store, relative to it and sorted, without the lock of one that is being written.
std::set<std::filesystem::path> files_of_store(const std::filesystem::path& store);

// True if two stores hold the same files.
bool have_equal_files(const std::filesystem::path& a, const std::filesystem::path& b);

// A folder beside the Zarr store that it will replace, removed unless it is put in place. It is
// locked while it is being written; those of processes that were killed are removed by the next
// one. Everything throws Error(kFailed) "PATH: cannot be written: reason", and what
// check_store_output() throws.
class UnfinishedStore {
 public:
  explicit UnfinishedStore(const OutputFile& output);
  ~UnfinishedStore();
  UnfinishedStore(const UnfinishedStore&) = delete;
  UnfinishedStore& operator=(const UnfinishedStore&) = delete;

  // An empty folder, but for a hidden file that put_in_place() removes.
  const std::filesystem::path& path() const { return unfinished_; }
  // Syncs the store and renames it to its final path; what it replaces is removed then.
  void put_in_place();

 private:
  void create();
  bool exchange() const;

  OutputFile output_;
  std::filesystem::path unfinished_;
  int lock_ = -1;
};

}  // namespace lucid
