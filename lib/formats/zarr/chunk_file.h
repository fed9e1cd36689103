#pragma once
// Private to this room.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>

namespace lucid {

// A file of a store, open to read parts of it from any thread.
class ChunkFile {
 public:
  // Returns nullopt if there is none. Throws Error(kData) if it cannot be read or is no file.
  static std::optional<ChunkFile> open(const std::filesystem::path& path);
  ~ChunkFile();
  ChunkFile(ChunkFile&& from) noexcept;
  ChunkFile& operator=(ChunkFile&&) = delete;

  std::uint64_t size() const { return size_; }
  // Throws Error(kData) if the file does not hold all of it.
  void read(std::uint64_t offset, std::span<std::byte> out) const;

 private:
  ChunkFile(std::filesystem::path path, int descriptor, std::uint64_t size)
      : path_(std::move(path)), descriptor_(descriptor), size_(size) {}

  std::filesystem::path path_;
  int descriptor_;
  std::uint64_t size_;
};

}  // namespace lucid
