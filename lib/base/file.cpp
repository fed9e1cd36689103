#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace lucid {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail_to_write(const fs::path& path) {
  throw Error(ExitCode::kFailed,
              path.string() + ": cannot be written: " + std::generic_category().message(errno));
}

void write_all(int file, std::span<const std::byte> content, const fs::path& named) {
  while (!content.empty()) {
    const ssize_t written = ::write(file, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail_to_write(named);
    content = content.subspan(static_cast<std::size_t>(written));
  }
}

FileKind kind_of_mode(mode_t mode) {
  return S_ISREG(mode)    ? FileKind::kFile
         : S_ISDIR(mode)  ? FileKind::kFolder
         : S_ISFIFO(mode) ? FileKind::kFifo
         : S_ISSOCK(mode) ? FileKind::kSocket
                          : FileKind::kDevice;
}

void check_kind(FileKind kind, const fs::path& path, const std::string& wanted, ExitCode code) {
  if (kind == FileKind::kMissing) throw Error(ExitCode::kUsage, path.string() + ": no such file");
  if (kind != FileKind::kFile)
    throw Error(code, path.string() + ": expected " + wanted + ", found " + kind_text(kind));
}

}  // namespace

void write_file_atomically(const OutputFile& output, std::span<const std::byte> content) {
  UnfinishedFile unfinished(output);
  const int file = open(unfinished.path().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file < 0) fail_to_write(output.path);
  try {
    write_all(file, content, output.path);
  } catch (...) {
    close(file);
    throw;
  }
  if (close(file) != 0) fail_to_write(output.path);
  unfinished.put_in_place();
}

void write_file_atomically(const fs::path& path, std::span<const std::byte> content) {
  write_file_atomically(OutputFile{path, true}, content);
}

void sync_file(const fs::path& path) {
  const int file = open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (file < 0) fail_to_write(path);
  const bool is_synced = fsync(file) == 0;
  const int reason = errno;
  close(file);
  errno = reason;
  if (!is_synced) fail_to_write(path);
}

void write_file_atomically(const fs::path& path, std::string_view content) {
  write_file_atomically(path, std::as_bytes(std::span(content)));
}

FileKind kind_of(const fs::path& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) == 0) return kind_of_mode(status.st_mode);
  if (errno == ENOENT || errno == ENOTDIR || errno == ENAMETOOLONG) return FileKind::kMissing;
  throw Error(ExitCode::kData,
              path.string() + ": cannot be read: " + std::generic_category().message(errno));
}

std::string kind_text(FileKind kind) {
  switch (kind) {
    case FileKind::kMissing:
      return "nothing";
    case FileKind::kFile:
      return "a file";
    case FileKind::kFolder:
      return "a folder";
    case FileKind::kFifo:
      return "a FIFO";
    case FileKind::kSocket:
      return "a socket";
    case FileKind::kDevice:
      return "a device";
  }
  return "";
}

void check_is_file(const fs::path& path, const std::string& wanted, ExitCode code) {
  check_kind(kind_of(path), path, wanted, code);
}

// The kind is checked again once the file is open: it may have been replaced in between.
InputFile::InputFile(const fs::path& path, const std::string& wanted, ExitCode code)
    : path_(path), code_(code) {
  check_is_file(path, wanted, code);
  do descriptor_ = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  while (descriptor_ < 0 && errno == EINTR);
  if (descriptor_ < 0) fail(errno);
  struct stat status {};
  const bool is_known = fstat(descriptor_, &status) == 0;
  const int reason = errno;
  if (!is_known || !S_ISREG(status.st_mode)) close(std::exchange(descriptor_, -1));
  if (!is_known) fail(reason);
  check_kind(kind_of_mode(status.st_mode), path, wanted, code);
  size_ = static_cast<std::uint64_t>(status.st_size);
}

InputFile::~InputFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

void InputFile::fail(int reason) const {
  throw Error(code_,
              path_.string() + ": cannot be read: " + std::generic_category().message(reason));
}

void InputFile::seek(std::uint64_t offset) {
  if (lseek(descriptor_, static_cast<off_t>(offset), SEEK_SET) < 0) fail(errno);
}

std::size_t InputFile::read(std::span<std::byte> out) {
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t count = ::read(descriptor_, out.data() + done, out.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(errno);
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  return done;
}

std::string read_file(const fs::path& path, const std::string& wanted, ExitCode code) {
  InputFile file(path, wanted, code);
  std::string text(file.size(), '\0');
  std::size_t done = 0;
  while (true) {  // a file may grow while it is read
    done += file.read(std::as_writable_bytes(std::span(text)).subspan(done));
    if (done < text.size()) break;
    text.resize(text.size() + 4096);
  }
  text.resize(done);
  return text;
}

std::optional<std::string> read_file_if_any(const fs::path& path, const std::string& wanted,
                                            ExitCode code) {
  if (kind_of(path) == FileKind::kMissing) return std::nullopt;
  try {
    return read_file(path, wanted, code);
  } catch (const Error&) {  // another process may have removed it meanwhile
    if (kind_of(path) == FileKind::kMissing) return std::nullopt;
    throw;
  }
}

}  // namespace lucid
