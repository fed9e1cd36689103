#pragma once
// Private to this room.

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <vector>

#include "base/file.h"
#include "data/hdf5/chunk_codec.h"
#include "infer/processes/content.h"

namespace lucid {

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
