#pragma once
// Private to this room.

#include <optional>
#include <span>
#include <string>

#include "formats/zarr/zarr_coding.h"

namespace lucid {

// Where an inner chunk lies in its shard.
struct ShardPart {
  std::uint64_t offset = 0, bytes = 0;
};

// Returns the place of an inner chunk, nullopt if it was not stored. Throws Error(kData) for one
// that is not within the shard.
std::optional<ShardPart> shard_part(const ZarrShard& shard, std::span<const std::byte> index,
                                    std::int64_t number, std::uint64_t shard_bytes,
                                    const std::string& place);

// Fills `out`, a whole chunk of the extents, with elements in the array's order of axes and in this
// machine's byte order. `fill` is the element of inner chunks that were not stored. Throws
// Error(kData) "PLACE: ..".
void decode_zarr_chunk(const ZarrCoding& coding, std::span<const std::int64_t> extents,
                       std::span<const std::byte> stored, std::span<const std::byte> fill,
                       const std::string& place, std::span<std::byte> out);

}  // namespace lucid
