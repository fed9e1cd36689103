#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/hdf5/chunk_codec.h"
#include "data/hdf5/file.h"

namespace lucid::hdf5 {

// How a dataset is cut into chunks.
struct Chunking {
  std::vector<std::int64_t> extents;  // of every chunk, those at the edges too
  bool has_filters = false;
  std::optional<ChunkCodec> codec;  // empty where only HDF5 can decode
  std::size_t element_bytes = 0;    // of what is read

  std::size_t bytes() const;  // of a decoded chunk
};

// Empty where the dataset is not stored in chunks. The array holds numbers.
std::optional<Chunking> chunking_of(const Array& array);

// The bytes of the chunk that begins at `start`; none where it was never written. They lie in
// `chunk`, which holds a decoded one, where there are no filters to undo, else in `buffer`. Throws
// Error(kData).
StoredChunk read_stored_chunk(const Array& array, const Chunking& chunking,
                              const std::vector<std::int64_t>& start, std::span<std::byte> chunk,
                              std::vector<std::byte>& buffer);
// How many they are.
std::size_t stored_chunk_bytes(const Array& array, const std::vector<std::int64_t>& start);
// What every element of a chunk is that was never written.
std::vector<std::byte> fill_element(const Array& array, const std::vector<std::int64_t>& start);

// "train.h5: /volumes: chunk at (0, 64, 64)".
std::string chunk_place(const Array& array, const std::vector<std::int64_t>& start);

}  // namespace lucid::hdf5
