#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

namespace lucid {

// Replaces the file as a whole or leaves it unchanged: writes a temporary file in the same folder,
// syncs and renames it. Throws Error(kFailed) "PATH: cannot be written: reason".
void write_file_atomically(const std::filesystem::path& path, std::span<const std::byte> content);
void write_file_atomically(const std::filesystem::path& path, std::string_view content);

// Returns when what was written to the file lies on its disk. Throws Error(kFailed).
void sync_file(const std::filesystem::path& path);

// A temporary name beside `path` for a file that is being written. The file is removed unless it is
// put in place.
class UnfinishedFile {
 public:
  explicit UnfinishedFile(const std::filesystem::path& path);
  ~UnfinishedFile();
  UnfinishedFile(const UnfinishedFile&) = delete;
  UnfinishedFile& operator=(const UnfinishedFile&) = delete;

  const std::filesystem::path& path() const { return unfinished_; }
  // Syncs the file, which must be closed, and renames it to its final path.
  void put_in_place();

 private:
  std::filesystem::path path_, unfinished_;
};

}  // namespace lucid
