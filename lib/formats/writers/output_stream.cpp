#include "formats/writers/output_stream.h"

#include <cerrno>
#include <system_error>

#include "base/error.h"

namespace lucid {

OutputStream::OutputStream(const std::filesystem::path& file, const std::filesystem::path& named)
    : place_(named.string()), stream_(file, std::ios::binary) {
  check();
}

void OutputStream::check() const {
  if (stream_) return;
  throw Error(ExitCode::kFailed,
              place_ + ": cannot be written: " + std::generic_category().message(errno));
}

void OutputStream::write(std::span<const std::byte> bytes) {
  stream_.write(reinterpret_cast<const char*>(bytes.data()),
                static_cast<std::streamsize>(bytes.size()));
  check();
  size_ += bytes.size();
}

void OutputStream::replace(std::uint64_t at, std::string_view text) {
  stream_.seekp(static_cast<std::streamoff>(at));
  stream_.write(text.data(), static_cast<std::streamsize>(text.size()));
  check();
  stream_.seekp(static_cast<std::streamoff>(size_));
}

void OutputStream::close() {
  stream_.close();
  check();
}

}  // namespace lucid
