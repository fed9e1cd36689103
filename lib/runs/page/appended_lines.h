#pragma once
// Private to this room.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace lucid {

// A text file that another program or part may still append lines to.
class AppendedLines {
 public:
  explicit AppendedLines(std::filesystem::path file) : file_(std::move(file)) {}

  // Returns the lines that were appended since the last call. One without an end is being written,
  // and comes with a later call. Throws Error(kData) if the file cannot be read.
  std::vector<std::string> read();

  const std::filesystem::path& file() const { return file_; }

 private:
  std::filesystem::path file_;
  std::uint64_t offset_ = 0;  // of the first line that was not read
};

}  // namespace lucid
