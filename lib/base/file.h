#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/unfinished_file.h"

namespace lucid {

// Replaces the file as a whole or leaves it unchanged: writes a temporary file in the same folder,
// syncs and renames it. Throws Error(kFailed) "PATH: cannot be written: reason".
void write_file_atomically(const std::filesystem::path& path, std::span<const std::byte> content);
void write_file_atomically(const std::filesystem::path& path, std::string_view content);
void write_file_atomically(const OutputFile& output, std::span<const std::byte> content);

// Returns when what was written to the file lies on its disk. Throws Error(kFailed).
void sync_file(const std::filesystem::path& path);

enum class FileKind { kMissing, kFile, kFolder, kFifo, kSocket, kDevice };

// Follows links. Only a path that leads nowhere is missing: when the file system cannot tell, that
// is an Error(kData) "PATH: cannot be read: reason".
FileKind kind_of(const std::filesystem::path& path);
std::string kind_text(FileKind kind);  // "a folder", "a FIFO"

// Throws Error(kUsage) "PATH: no such file", or Error(code) "PATH: expected WANTED, found a FIFO"
// for anything but a file: opening a FIFO or a device could wait forever.
void check_is_file(const std::filesystem::path& path, const std::string& wanted, ExitCode code);

// A file open for reading from front to back. A failing read is never taken for the end of the
// file: it is an Error(code) "PATH: cannot be read: reason".
class InputFile {
 public:
  // Checks the kind of the file as check_is_file() does.
  InputFile(const std::filesystem::path& path, const std::string& wanted, ExitCode code);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  std::uint64_t size() const { return size_; }  // when it was opened
  void seek(std::uint64_t offset);
  // Fills `out` as far as there are bytes and returns their number.
  std::size_t read(std::span<std::byte> out);

 private:
  [[noreturn]] void fail(int reason) const;

  std::filesystem::path path_;
  ExitCode code_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

// Return all of a file.
std::string read_file(const std::filesystem::path& path, const std::string& wanted, ExitCode code);
std::optional<std::string> read_file_if_any(const std::filesystem::path& path,
                                            const std::string& wanted, ExitCode code);

}  // namespace lucid
