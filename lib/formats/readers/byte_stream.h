#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace lucid {

// Deflate makes at most this many bytes of one (zlib's documentation).
inline constexpr std::uint64_t kMostInflation = 1032;

// Reads the bytes of a file, or of a part of one, sequentially. Damage is an Error(kData) that
// names the file.
class ByteStream {
 public:
  virtual ~ByteStream() = default;
  // Fills `out` as far as there are bytes and returns their number.
  virtual std::size_t read(std::span<std::byte> out) = 0;
  // Returns an upper bound of the bytes left, to refuse impossible sizes before memory is
  // allocated.
  virtual std::uint64_t most_left() const = 0;
  // Returns true if most_left() is exactly what is left.
  virtual bool knows_size() const { return false; }
  // At the end: returns what of the file is no part of the stream, or an empty text.
  virtual std::string left_out() const { return {}; }
};

// Throws Error(kUsage) if there is no such file.
std::unique_ptr<ByteStream> open_bytes(const std::filesystem::path& path, std::uint64_t offset);

// Inflates a gzip or zlib stream with all its members and verifies their checksums. What follows
// the last member is ignored.
std::unique_ptr<ByteStream> inflated(std::unique_ptr<ByteStream> stream, const std::string& place);

// Opens a file; gzip is recognized by its content, not its name, and inflated.
std::unique_ptr<ByteStream> open_perhaps_gzip(const std::filesystem::path& path);

// Returns the text before the next newline, without a carriage return; nullopt at the end. `used`
// counts the bytes that were read. Throws Error(kData) if they exceed 1 MiB, the most of a header.
std::optional<std::string> read_line(ByteStream& stream, std::uint64_t& used,
                                     const std::string& place);

// Returns the path of data that a field of a header names. It lies in the header's folder or below
// it, so that a header from elsewhere cannot name any file of this machine. Throws Error(kData).
std::filesystem::path data_file_beside(const std::filesystem::path& header, const std::string& name,
                                       const std::string& field, const std::string& place);

// Throws Error(kData) "place: what: expected N bytes, found M; the file is cut short".
void read_exactly(ByteStream& stream, std::span<std::byte> out, const std::string& place,
                  const std::string& what);
void skip_exactly(ByteStream& stream, std::uint64_t count, const std::string& place,
                  const std::string& what);

}  // namespace lucid
