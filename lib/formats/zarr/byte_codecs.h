#pragma once
// Private to this room.

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "formats/zarr/zarr_coding.h"

namespace lucid {

// Returns an empty text, or which library this build lacks to decode it: "it was built without
// libzstd; ..".
std::string missing_library(ByteCodec codec);

// Undoes the codecs, the last first. What comes out has to have the size of `out`. Throws
// Error(kData) "PLACE: ..".
void decode_bytes(std::span<const ByteCodec> codecs, std::span<const std::byte> stored,
                  const std::string& place, std::span<std::byte> out);

// As above where the size is not known before: at most `most` bytes.
std::vector<std::byte> decoded_bytes(std::span<const ByteCodec> codecs,
                                     std::span<const std::byte> stored, const std::string& place,
                                     std::size_t most);

// Throws Error(kData) unless the last 4 bytes are the CRC-32C of those before, which are returned.
std::span<const std::byte> without_crc32c(std::span<const std::byte> stored,
                                          const std::string& place);

}  // namespace lucid
