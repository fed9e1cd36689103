#pragma once
// Private to this room.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "formats/readers/volume_file.h"

namespace lucid {

// A step that turns the bytes of a chunk into other bytes.
enum class ByteCodec { kZlib, kGzip, kZstd, kBlosc, kCrc32c };

struct ZarrShard;

// Describes how the elements of a chunk became the bytes of a file: axes in another order, then
// elements one after another or inner chunks with an index, then the codecs in this order.
struct ZarrCoding {
  NumberCoding numbers;            // never scaled
  std::vector<std::size_t> order;  // stored axis i is the array's order[i]; empty: as they are
  std::vector<ZarrShard> shard;    // one if the bytes are inner chunks, else none
  std::vector<ByteCodec> codecs;

  bool is_plain() const;  // elements are stored as they are read
};

// Chunks that are stored in one file, with an index of their places.
struct ZarrShard {
  std::vector<std::int64_t> chunk;  // extents of an inner chunk
  ZarrCoding coding;                // of an inner chunk
  bool is_index_at_end = true;
  bool is_index_swapped = false;
  bool has_index_checksum = true;

  // Throw Error(kData) unless whole inner chunks make up a shard of these extents.
  std::int64_t count(std::span<const std::int64_t> extents) const;
  std::size_t index_bytes(std::span<const std::int64_t> extents) const;
};

// Returns nullopt for what is no number: '|S8', '<c8'. Byte order is that of the text.
std::optional<NumberCoding> zarr_v2_numbers(const std::string& dtype);
// 'float16', 'bool'; the byte order is the codec's.
std::optional<NumberCoding> zarr_v3_numbers(const std::string& name);

// Returns the extents in stored order.
std::vector<std::int64_t> stored_extents(const ZarrCoding& coding,
                                         std::span<const std::int64_t> extents);

// No chunk of `decoded` bytes takes more in a file, however badly it is compressed.
std::size_t most_stored_bytes(std::size_t decoded);

}  // namespace lucid
