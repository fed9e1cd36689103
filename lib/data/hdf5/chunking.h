#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/hdf5/chunk_codec.h"
#include "data/hdf5/file.h"

namespace lucid::hdf5 {

// Describes how a dataset is cut into chunks.
struct Chunking {
  std::vector<std::int64_t> extents;  // of every chunk, at the edges too
  bool has_filters = false;
  std::optional<ChunkCodec> codec;  // nullopt if only HDF5 can decode
  std::size_t element_bytes = 0;    // of an element as it is read

  std::size_t bytes() const;  // of a decoded chunk
};

// Returns nullopt if the dataset is not chunked. Its elements have to be numbers.
std::optional<Chunking> chunking_of(const Array& array);

// Reads the bytes of the chunk that begins at `start`; none if it was never written. They lie in
// `chunk`, which has the size of the decoded chunk, if there are no filters to undo, else in
// `buffer`. Throws Error(kData).
StoredChunk read_stored_chunk(const Array& array, const Chunking& chunking,
                              const std::vector<std::int64_t>& start, std::span<std::byte> chunk,
                              std::vector<std::byte>& buffer);
// Returns the number of these bytes.
std::size_t stored_chunk_bytes(const Array& array, const std::vector<std::int64_t>& start);
// Returns how many chunks were written, and where one of them begins.
std::uint64_t stored_chunk_count(const Array& array);
std::vector<std::int64_t> stored_chunk_start(const Array& array, std::uint64_t number);
// Returns the value of elements that were never written, in the type in memory; 0 if HDF5 does not
// fill.
std::vector<std::byte> fill_value(const Array& array);

// Returns "train.h5: /volumes: chunk at (0, 64, 64)".
std::string chunk_place(const Array& array, const std::vector<std::int64_t>& start);

}  // namespace lucid::hdf5
