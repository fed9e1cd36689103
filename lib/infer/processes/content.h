#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>

#include "base/json.h"

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

// Returns the checksum of a file, or of the names and files of a Zarr store; null if there is
// neither. Throws Error(kFailed) if it cannot be read.
Json content_identity(const std::filesystem::path& output);

// True if both are files or both are stores, and hold the same.
bool have_equal_content(const std::filesystem::path& a, const std::filesystem::path& b);

}  // namespace lucid
