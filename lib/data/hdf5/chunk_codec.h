#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace lucid {

// Describes how the elements of a chunk were encoded in its file: byte-swapped, shuffled (all first
// bytes, all second bytes, ..) and deflated; each step is optional.
struct ChunkCodec {
  std::size_t element_bytes = 1;
  bool is_swapped = false;
  // Bits of the filters in the mask of filters that a chunk skips; 0 if the dataset lacks the
  // filter.
  std::uint32_t shuffle_bit = 0, deflate_bit = 0;

  bool has_filters() const { return (shuffle_bit | deflate_bit) != 0; }
};

// The bytes of a chunk as stored in its file.
struct StoredChunk {
  std::span<const std::byte> bytes;
  std::uint32_t left_out = 0;  // bit i is set if the chunk skips filter i
};

// Fills `out`, the whole chunk. Throws Error(kData) "PLACE: .." if the bytes do not decode to it.
void decode_chunk(const ChunkCodec& codec, const StoredChunk& stored, const std::string& place,
                  std::span<std::byte> out);

// Encodes a chunk: deflated into `buffer` at a level from 1 (fast) to 9 (small) if the codec has
// that filter and the chunk gets smaller, else `chunk` itself with all filters skipped.
StoredChunk encode_chunk(const ChunkCodec& codec, int level, std::span<const std::byte> chunk,
                         std::vector<std::byte>& buffer);

}  // namespace lucid
