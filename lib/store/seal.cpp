#include "store/seal.h"

#include <libdeflate.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <vector>

namespace lucid {
namespace {

std::string seal_text(std::uint32_t sum) {
  char text[32];
  std::snprintf(text, sizeof text, "\nlucid crc32 %08x\n", static_cast<unsigned>(sum));
  return text;
}

// Returns where HDF5's part of the file ends, from a superblock of version 2 or 3; 0 if it is
// another one.
std::uint64_t end_of_hdf5(std::ifstream& stream) {
  constexpr std::size_t kVersionAt = 8, kOffsetBytesAt = 9, kEndAt = 28;
  std::array<unsigned char, 36> block{};
  stream.read(reinterpret_cast<char*>(block.data()), std::ssize(block));
  const bool is_known =
      (block[kVersionAt] == 2 || block[kVersionAt] == 3) && block[kOffsetBytesAt] == 8;
  std::uint64_t end = 0;
  for (std::size_t i = 8; stream && is_known && i-- > 0;) end = end << 8U | block[kEndAt + i];
  return end;
}

std::uint32_t sum_of(std::ifstream& stream, std::uint64_t bytes) {
  constexpr std::uint64_t kPart = std::uint64_t{1} << 20;
  std::vector<char> part(kPart);
  std::uint32_t sum = 0;
  stream.seekg(0);
  for (std::uint64_t left = bytes; left > 0 && stream;) {
    stream.read(part.data(), static_cast<std::streamsize>(std::min(left, kPart)));
    const auto count = static_cast<std::size_t>(stream.gcount());
    sum = libdeflate_crc32(sum, part.data(), count);
    left -= count;
  }
  return sum;
}

}  // namespace

std::string seal_of(std::span<const std::byte> file) {
  return seal_text(libdeflate_crc32(0, file.data(), file.size()));
}

std::optional<std::string> broken_seal(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  const std::uint64_t size = std::filesystem::file_size(path), end = end_of_hdf5(stream);
  if (!stream || end == 0 || end >= size) return std::nullopt;
  const std::string wanted = seal_text(sum_of(stream, end));
  std::string found(wanted.size(), '\0');
  stream.read(found.data(), std::ssize(found));
  if (stream && found == wanted && size == end + wanted.size()) return std::nullopt;
  return "expected the checksum of its " + std::to_string(end) + " bytes at the end, found another";
}

}  // namespace lucid
