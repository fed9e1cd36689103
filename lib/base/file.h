#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

namespace lucid {

// Puts a whole file in place or leaves the one that is there: a temporary file in the same folder
// is written, synced and renamed. Throws Error(kFailed) "PATH: cannot be written: reason".
void write_file_atomically(const std::filesystem::path& path, std::span<const std::byte> content);
void write_file_atomically(const std::filesystem::path& path, std::string_view content);

// A name beside `path` for a file that is not finished. It goes away unless it is put in place.
class UnfinishedFile {
 public:
  explicit UnfinishedFile(const std::filesystem::path& path);
  ~UnfinishedFile();
  UnfinishedFile(const UnfinishedFile&) = delete;
  UnfinishedFile& operator=(const UnfinishedFile&) = delete;

  const std::filesystem::path& path() const { return unfinished_; }
  // Syncs the file, which must be closed, and gives it the name it was made for.
  void put_in_place();

 private:
  std::filesystem::path path_, unfinished_;
};

}  // namespace lucid
