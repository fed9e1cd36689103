#include "formats/zarr/zarr_array.h"

#include <algorithm>
#include <array>
#include <cassert>

#include "base/machine/share_work.h"
#include "base/memory.h"
#include "data/array/copy_box.h"
#include "formats/zarr/byte_codecs.h"
#include "formats/zarr/chunk_file.h"
#include "formats/zarr/zarr_array_file.h"
#include "formats/zarr/zarr_chunk.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;
using Extents = std::vector<std::int64_t>;

// A larger chunk that was never written takes no memory.
constexpr std::size_t kLargeChunkBytes = std::size_t{64} << 20;
constexpr std::size_t kIndexBytes = std::size_t{16} << 20;  // of the indexes that are kept

// Memory of each thread, for a decoded and for a stored chunk.
enum class Scratch { kDecoded, kStored };
std::span<std::byte> scratch(Scratch use, std::size_t bytes) {
  thread_local std::array<std::vector<std::byte>, 2> memory;
  std::vector<std::byte>& mine = memory[static_cast<std::size_t>(use)];
  if (mine.size() < bytes) mine.resize(bytes);
  return std::span(mine).first(bytes);
}

}  // namespace

// What a file holds of a chunk.
struct ZarrArray::StoredBytes {
  std::optional<std::span<const std::byte>> bytes;  // nullopt: not stored
  std::string place;
};

ZarrArray::ZarrArray(const fs::path& folder)
    : folder_(folder),
      place_(folder.string()),
      file_(std::make_unique<ZarrArrayFile>(read_zarr_array(folder))),
      is_sharded_(!file_->coding.shard.empty() && file_->coding.codecs.empty() &&
                  file_->coding.order.empty()),
      element_(file_->element()),
      chunk_(is_sharded_ ? file_->coding.shard.front().chunk : file_->chunk),
      chunk_bytes_(Shape(chunk_).count() * element_bytes(element_)),
      indexes_(kIndexBytes) {}

ZarrArray::~ZarrArray() = default;

const Extents& ZarrArray::extents() const { return file_->extents; }

void ZarrArray::read(const hdf5::Region& region, std::span<std::byte> out, int threads,
                     ChunkCache* cache) const {
  assert(Shape(region.count).count() * element_bytes(element_) == out.size());
  if (out.empty()) return;
  naming_memory(place_, [&] {
    const TouchedChunks chunks(region, chunk_, extents());
    share_work(chunks.count(), threads, [&](std::int64_t i) {
      if (cache != nullptr) return read_piece_cached(chunks[i], region, out, *cache);
      read_piece(chunks[i], region, out);
    });
  });
}

void ZarrArray::read_piece(const TouchedChunk& piece, const hdf5::Region& region,
                           std::span<std::byte> out) const {
  // A chunk that lies in the region in one piece is decoded there.
  const bool is_whole = piece.part.count == chunk_ && out.size() == chunk_bytes_;
  const std::span<std::byte> chunk = is_whole ? out : scratch(Scratch::kDecoded, chunk_bytes_);
  const auto found = decoded(piece, chunk);
  if (!found)
    fill_box(file_->fill, piece.part.count, out.data(), {region.count, piece.target});
  else if (found->data() != out.data())
    copy_box(file_->fill.size(), piece.part.count, found->data(), {chunk_, piece.part.start},
             out.data(), {region.count, piece.target});
}

void ZarrArray::read_piece_cached(const TouchedChunk& piece, const hdf5::Region& region,
                                  std::span<std::byte> out, ChunkCache& cache) const {
  if (chunk_bytes_ > kLargeChunkBytes) return read_piece(piece, region, out);
  const ChunkCache::Key key{cache.array_number(place_), piece.number};
  ChunkCache::Use chunk = cache.use(key, chunk_bytes_);
  if (!chunk.is_filled()) {
    const auto found = decoded(piece, chunk.bytes());
    if (!found)
      fill_box(file_->fill, chunk_, chunk.bytes().data(), {chunk_, Extents(chunk_.size(), 0)});
    else if (found->data() != chunk.bytes().data())
      std::ranges::copy(*found, chunk.bytes().begin());
    chunk.set_filled();
  }
  copy_box(file_->fill.size(), piece.part.count, chunk.bytes().data(), {chunk_, piece.part.start},
           out.data(), {region.count, piece.target});
}

// Returns the elements of the chunk, in `memory` unless they are stored as they are read; nullopt
// if it was not stored.
std::optional<std::span<const std::byte>> ZarrArray::decoded(const TouchedChunk& piece,
                                                             std::span<std::byte> memory) const {
  const StoredBytes stored = stored_bytes(piece);
  if (!stored.bytes) return std::nullopt;
  const ZarrCoding& coding = is_sharded_ ? file_->coding.shard.front().coding : file_->coding;
  if (coding.is_plain() && stored.bytes->size() == memory.size()) return stored.bytes;
  decode_zarr_chunk(coding, chunk_, *stored.bytes, file_->fill, stored.place, memory);
  return memory;
}

fs::path ZarrArray::path_of(const TouchedChunk& piece) const {
  std::string key = file_->key_prefix;
  for (std::size_t axis = 0; axis < piece.index.size(); ++axis) {
    const std::int64_t chunks = file_->chunk[axis] / chunk_[axis];  // in a shard
    key += (axis == 0 ? "" : file_->separator) + std::to_string(piece.index[axis] / chunks);
  }
  return folder_ / key;
}

ZarrArray::StoredBytes ZarrArray::stored_bytes(const TouchedChunk& piece) const {
  const fs::path path = path_of(piece);
  const std::optional<ChunkFile> file = ChunkFile::open(path);
  if (!file) return {std::nullopt, path.string()};
  if (is_sharded_) return inner_bytes(piece, *file, path.string());
  const std::size_t index =
      file_->coding.shard.empty()
          ? 0
          : file_->coding.shard.front().index_bytes(stored_extents(file_->coding, chunk_));
  const std::size_t most = most_stored_bytes(chunk_bytes_) + index;
  if (file->size() > most)
    fail(path.string(), "expected at most " + std::to_string(most) + " bytes for a chunk of " +
                            std::to_string(chunk_bytes_) + ", found " +
                            std::to_string(file->size()));
  const std::span<std::byte> bytes = scratch(Scratch::kStored, file->size());
  file->read(0, bytes);
  return {bytes, path.string()};
}

// Shards are numbered as their chunks would be without shards.
ZarrArray::StoredBytes ZarrArray::inner_bytes(const TouchedChunk& piece, const ChunkFile& file,
                                              std::string place) const {
  const ZarrShard& shard = file_->coding.shard.front();
  std::uint64_t number = 0;
  std::int64_t inner = 0;
  for (std::size_t axis = 0; axis < chunk_.size(); ++axis) {
    const std::int64_t within = file_->chunk[axis] / chunk_[axis],
                       shards = (extents()[axis] - 1) / file_->chunk[axis] + 1;
    number = number * static_cast<std::uint64_t>(shards) +
             static_cast<std::uint64_t>(piece.index[axis] / within);
    inner = inner * within + piece.index[axis] % within;
  }
  std::optional<ShardPart> part;
  {
    ChunkCache::Use index = indexes_.use({0, number}, shard.index_bytes(file_->chunk));
    if (!index.is_filled()) {
      read_index(file, place, index.bytes());
      index.set_filled();
    }
    part = shard_part(shard, index.bytes(), inner, file.size(), place);
  }
  if (!part) return {std::nullopt, std::move(place)};
  if (part->bytes > most_stored_bytes(chunk_bytes_))
    fail(place, "expected at most " + std::to_string(most_stored_bytes(chunk_bytes_)) +
                    " bytes for an inner chunk, found " + std::to_string(part->bytes));
  const std::span<std::byte> bytes = scratch(Scratch::kStored, part->bytes);
  file.read(part->offset, bytes);
  return {bytes, std::move(place)};
}

void ZarrArray::read_index(const ChunkFile& file, const std::string& place,
                           std::span<std::byte> index) const {
  const ZarrShard& shard = file_->coding.shard.front();
  if (file.size() < index.size())
    fail(place, "expected a shard with an index of " + std::to_string(index.size()) +
                    " bytes, found " + std::to_string(file.size()));
  file.read(shard.is_index_at_end ? file.size() - index.size() : 0, index);
  if (shard.has_index_checksum) without_crc32c(index, place);
}

// A wrong separator in the metadata would make all chunks look as if they had not been written.
bool ZarrArray::has_chunks() const {
  std::error_code unreadable;  // then reading fails, too
  for (fs::recursive_directory_iterator entry(folder_, unreadable), end;
       !unreadable && entry != end; entry.increment(unreadable)) {
    const std::string name = entry->path().filename().string();
    if (!name.starts_with('.') && name != "zarr.json" && !entry->is_directory(unreadable))
      return true;
  }
  return false;
}

}  // namespace lucid
