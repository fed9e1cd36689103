#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace lucid {

// How the numbers of a chunk became the bytes in its file: in another byte order, shuffled (all
// first bytes, all second bytes, ..), deflated; each may be left out.
struct ChunkCodec {
  std::size_t element_bytes = 1;
  bool is_swapped = false;
  // Their bits in a chunk's mask of filters left out; 0: the dataset has no such filter.
  std::uint32_t shuffle_bit = 0, deflate_bit = 0;

  bool has_filters() const { return (shuffle_bit | deflate_bit) != 0; }
};

// A chunk's bytes as they lie in its file.
struct StoredChunk {
  std::span<const std::byte> bytes;
  std::uint32_t left_out = 0;  // filter i of the dataset: bit i
};

// Fills `out`, the whole chunk. Throws Error(kData) "PLACE: .." where the bytes do not make it.
void decode_chunk(const ChunkCodec& codec, const StoredChunk& stored, const std::string& place,
                  std::span<std::byte> out);

// The chunk in `buffer`, as it lies in a file: deflated at a level from 1 (fast) to 9 (small) where
// the codec has that filter and it makes the chunk smaller, else with all filters left out.
StoredChunk encode_chunk(const ChunkCodec& codec, int level, std::span<const std::byte> chunk,
                         std::vector<std::byte>& buffer);

}  // namespace lucid
