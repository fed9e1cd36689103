#pragma once
// Private to this room.

#include <cstddef>
#include <nlohmann/json.hpp>
#include <span>
#include <vector>

#include "base/json.h"

namespace lucid {

// Returns what .zarray says of the codec of chunks: Blosc's Zstandard, or what this build has
// instead: Zstandard alone, or zlib.
Json zarr_compressor();

// Compresses a chunk of less than 2 GiB by it. The same elements give the same bytes.
void compress_zarr_chunk(std::span<const std::byte> chunk, std::size_t element_bytes,
                         std::vector<std::byte>& out);

}  // namespace lucid
