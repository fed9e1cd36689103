#include "base/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "base/error.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& path, int reason) {
  throw Error(ExitCode::kFailed,
              path.string() + ": cannot be written: " + std::generic_category().message(reason));
}

// An open file. Every call that fails throws an Error about `named`.
class Descriptor {
 public:
  Descriptor(const fs::path& path, int flags, const fs::path& named)
      : named_(named), descriptor_(open(path.c_str(), flags | O_CLOEXEC, 0666)) {
    if (descriptor_ < 0) fail(named_, errno);
  }
  ~Descriptor() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  void write(std::span<const std::byte> content) {
    while (!content.empty()) {
      const ssize_t written = ::write(descriptor_, content.data(), content.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail(named_, errno);
      content = content.subspan(static_cast<std::size_t>(written));
    }
  }
  void sync() {
    // Some network file systems have no fsync; there is nothing better to do on them.
    if (fsync(descriptor_) != 0 && errno != EINVAL && errno != ENOTSUP) fail(named_, errno);
  }
  void close() {
    if (::close(std::exchange(descriptor_, -1)) != 0) fail(named_, errno);
  }

 private:
  const fs::path& named_;
  int descriptor_;
};

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

}  // namespace

UnfinishedFile::UnfinishedFile(const fs::path& path) : path_(path), unfinished_(path) {
  unfinished_ += ".unfinished-" + std::to_string(getpid());
}

UnfinishedFile::~UnfinishedFile() {
  std::error_code ignored;
  fs::remove(unfinished_, ignored);
}

void UnfinishedFile::put_in_place() {
  Descriptor file(unfinished_, O_RDWR, path_);
  file.sync();
  file.close();
  if (rename(unfinished_.c_str(), path_.c_str()) != 0) fail(path_, errno);
  Descriptor(folder_of(path_), O_RDONLY | O_DIRECTORY, path_).sync();
}

void write_file_atomically(const fs::path& path, std::span<const std::byte> content) {
  UnfinishedFile unfinished(path);
  Descriptor file(unfinished.path(), O_WRONLY | O_CREAT | O_TRUNC, path);
  file.write(content);
  file.close();
  unfinished.put_in_place();
}

void sync_file(const fs::path& path) { Descriptor(path, O_RDWR, path).sync(); }

void write_file_atomically(const fs::path& path, std::string_view content) {
  write_file_atomically(path, std::as_bytes(std::span(content)));
}

}  // namespace lucid
