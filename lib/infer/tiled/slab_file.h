#pragma once
// Private to this room.

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <span>
#include <vector>

#include "base/file.h"
#include "data/hdf5/chunk_codec.h"

namespace lucid {

// The size and the CRC-32 of a file, by which damage is noticed.
struct Checksum {
  std::uint64_t bytes = 0;
  std::uint32_t crc = 0;
  friend bool operator==(const Checksum&, const Checksum&) = default;

  void add(std::span<const std::byte> content);
};
// Throws Error(kFailed) if the file cannot be read; empty if there is none.
std::optional<Checksum> checksum_of(const std::filesystem::path& file);

// Writes the chunks of a finished slab to a file, one after the other. The file appears when it is
// complete.
class SlabWriter {
 public:
  explicit SlabWriter(const std::filesystem::path& path);
  void add(const StoredChunk& chunk);
  Checksum finish();

 private:
  void check() const;
  void write(std::span<const std::byte> bytes);

  std::filesystem::path path_;
  UnfinishedFile unfinished_;
  std::ofstream stream_;
  Checksum written_;
};

// Throws Error(kFailed) if the file is not as it was written.
class SlabReader {
 public:
  SlabReader(const std::filesystem::path& path, const Checksum& expected);
  // The chunk is valid until the next call.
  StoredChunk next();
  // Call it after the last chunk: only now are the chunks known to be sound.
  void finish() const;

 private:
  void read(std::span<std::byte> out);
  [[noreturn]] void fail() const;

  std::filesystem::path path_;
  InputFile file_;
  Checksum expected_, found_;
  std::vector<std::byte> chunk_;
};

}  // namespace lucid
