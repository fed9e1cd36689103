#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace lucid {

// The bytes of a file or of a part of one, front to back. Whatever is damaged is an Error(kData)
// that names the file.
class ByteStream {
 public:
  virtual ~ByteStream() = default;
  // Fills `out` as far as there are bytes, and returns how many that was.
  virtual std::size_t read(std::span<std::byte> out) = 0;
  // No more bytes than this are left: to refuse sizes that a file cannot have before memory is
  // asked for.
  virtual std::uint64_t most_left() const = 0;
};

// Throws Error(kUsage) when there is no such file.
std::unique_ptr<ByteStream> open_bytes(const std::filesystem::path& path, std::uint64_t offset);

// What a gzip or zlib stream holds, all members of it, their checksums compared.
std::unique_ptr<ByteStream> inflated(std::unique_ptr<ByteStream> stream, const std::string& place);

// A file from its beginning; one that is gzip is inflated, whatever it is called.
std::unique_ptr<ByteStream> open_perhaps_gzip(const std::filesystem::path& path);

// Throws Error(kData) "place: what: expected N bytes, found M; the file is cut short".
void read_exactly(ByteStream& stream, std::span<std::byte> out, const std::string& place,
                  const std::string& what);
void skip_exactly(ByteStream& stream, std::uint64_t count, const std::string& place,
                  const std::string& what);

}  // namespace lucid
