#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/chunks/cache.h"
#include "data/chunks/touched_chunks.h"
#include "data/hdf5/file.h"

namespace lucid {

class ChunkFile;
struct ZarrArrayFile;

// An array of a Zarr store, format 2 or 3, of which regions are read. Safe to call from any thread.
class ZarrArray {
 public:
  // Throws Error(kData) if the folder holds no array that can be read.
  explicit ZarrArray(const std::filesystem::path& folder);
  ~ZarrArray();

  const std::string& place() const { return place_; }
  ElementType element() const { return element_; }
  const std::vector<std::int64_t>& extents() const;
  // Returns the extents of what is decoded at once: a chunk, or one of those in a shard.
  const std::vector<std::int64_t>& chunk_extents() const { return chunk_; }
  const ZarrArrayFile& file() const { return *file_; }

  // Fills `out` with exactly the region, in C order and this machine's byte order. Threads share
  // the chunks. Those that are not there have the fill value. With a cache, which other threads may
  // use as well, chunks stay there for later regions; null: data that is read once.
  void read(const hdf5::Region& region, std::span<std::byte> out, int threads,
            ChunkCache* cache) const;

  // True if a chunk lies in the array's folder, whichever it is.
  bool has_chunks() const;

 private:
  struct StoredBytes;

  void read_piece(const TouchedChunk& piece, const hdf5::Region& region,
                  std::span<std::byte> out) const;
  void read_piece_cached(const TouchedChunk& piece, const hdf5::Region& region,
                         std::span<std::byte> out, ChunkCache& cache) const;
  std::filesystem::path path_of(const TouchedChunk& piece) const;
  StoredBytes stored_bytes(const TouchedChunk& piece) const;
  StoredBytes inner_bytes(const TouchedChunk& piece, const ChunkFile& file,
                          std::string place) const;
  void read_index(const ChunkFile& file, const std::string& place,
                  std::span<std::byte> index) const;
  std::optional<std::span<const std::byte>> decoded(const TouchedChunk& piece,
                                                    std::span<std::byte> memory) const;

  std::filesystem::path folder_;
  std::string place_;
  std::unique_ptr<ZarrArrayFile> file_;
  bool is_sharded_;  // inner chunks are read one by one
  ElementType element_;
  std::vector<std::int64_t> chunk_;
  std::size_t chunk_bytes_;
  mutable ChunkCache indexes_;  // of shards, by their number
};

}  // namespace lucid
