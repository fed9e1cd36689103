#pragma once

#include <optional>
#include <span>
#include <vector>

#include "data/chunks/cache.h"
#include "data/chunks/direct_read.h"
#include "data/chunks/touched_chunks.h"
#include "data/hdf5/chunking.h"

namespace lucid {

// Reads regions of a dataset. Chunks are read under HDF5's lock and decoded outside of it if we
// know their filters; HDF5 reads everything else. Safe to call from any thread; the cache has to
// outlive it.
class ChunkedArray {
 public:
  ChunkedArray(hdf5::Array array, ChunkCache& cache);

  const hdf5::Array& array() const { return array_; }
  // Returns the extents of a chunk; empty if the dataset is not chunked.
  std::span<const std::int64_t> chunk_extents() const;

  // Reads stored elements in this machine's byte order; `out` holds exactly the region, which may
  // be empty.
  void read_stored(const hdf5::Region& region, std::span<std::byte> out) const;
  // Reads one large region: threads share its chunks, which are not cached.
  void read_stored(const hdf5::Region& region, std::span<std::byte> out, int threads) const;

 private:
  // A chunk and the part of it that a region needs.
  struct Piece;

  bool is_read_in_chunks() const;
  void read_cached(const hdf5::Region& region, std::span<std::byte> out) const;
  void read_shared(const hdf5::Region& region, std::span<std::byte> out, int threads) const;
  bool fill_if_absent(const Piece& piece, const hdf5::Region& region,
                      std::span<std::byte> out) const;
  TouchedChunks touched(const hdf5::Region& region) const;
  Piece piece(TouchedChunk touched) const;
  void fill(const Piece& piece, std::span<std::byte> chunk) const;
  void copy(const Piece& piece, std::span<const std::byte> chunk, const hdf5::Region& region,
            std::span<std::byte> out) const;
  void read_whole(const hdf5::Region& region, std::span<std::byte> out) const;
  void read_steps(const hdf5::Region& region, std::span<std::byte> out, int threads) const;

  hdf5::Array array_;
  ChunkCache* cache_;
  std::size_t element_bytes_;
  std::uint64_t number_ = 0;  // the key in the cache
  std::optional<hdf5::Chunking> chunking_;
  std::optional<DirectRead> direct_;
};

}  // namespace lucid
