#include "formats/zarr/chunk_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "base/error.h"

namespace lucid {
namespace {

[[noreturn]] void fail_to_read(const std::filesystem::path& path, int reason) {
  fail(path.string(), "cannot be read: " + std::generic_category().message(reason));
}

}  // namespace

// Opening a FIFO does not wait for its writer.
std::optional<ChunkFile> ChunkFile::open(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0 && (errno == ENOENT || errno == ENOTDIR)) return std::nullopt;
  if (descriptor < 0) fail_to_read(path, errno);
  ChunkFile file(path, descriptor, 0);
  struct stat status {};
  if (fstat(descriptor, &status) != 0) fail_to_read(path, errno);
  if (!S_ISREG(status.st_mode)) fail(path.string(), "expected a chunk, found no file");
  file.size_ = static_cast<std::uint64_t>(status.st_size);
  return file;
}

ChunkFile::ChunkFile(ChunkFile&& from) noexcept
    : path_(std::move(from.path_)),
      descriptor_(std::exchange(from.descriptor_, -1)),
      size_(from.size_) {}

ChunkFile::~ChunkFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

void ChunkFile::read(std::uint64_t offset, std::span<std::byte> out) const {
  while (!out.empty()) {
    const ssize_t count = pread(descriptor_, out.data(), out.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_to_read(path_, errno);
    if (count == 0) fail(path_.string(), "became shorter while it was read");
    offset += static_cast<std::uint64_t>(count);
    out = out.subspan(static_cast<std::size_t>(count));
  }
}

}  // namespace lucid
