#include "data/chunks/chunked_array.h"

#include <algorithm>
#include <cassert>

#include "base/machine/share_work.h"
#include "base/memory.h"
#include "data/array/copy_box.h"

namespace lucid {
namespace {

// Chunks without filters that are larger than this are not read whole for a part of them.
constexpr std::size_t kMostUnfilteredBytes = std::size_t{8} << 20;
constexpr std::size_t kLargeChunkBytes = std::size_t{64} << 20;
// A thread reads about this much at a time.
constexpr std::size_t kStepBytes = std::size_t{4} << 20;

using Extents = std::vector<std::int64_t>;

bool is_empty(const hdf5::Region& region) { return std::ranges::count(region.count, 0) > 0; }

void fill_with(std::span<const std::byte> element, std::span<std::byte> out) {
  for (std::size_t at = 0; at < out.size(); at += element.size())
    std::ranges::copy(element, out.begin() + static_cast<std::ptrdiff_t>(at));
}

}  // namespace

struct ChunkedArray::Piece : TouchedChunk {
  Extents extents;  // of the chunk in memory
  std::size_t bytes = 0;
};

ChunkedArray::ChunkedArray(hdf5::Array array, ChunkCache& cache)
    : array_(std::move(array)),
      cache_(&cache),
      element_bytes_(element_bytes(array_.element())),
      number_(cache.array_number(array_.stored_identity())),
      chunking_(hdf5::chunking_of(array_)),
      direct_(DirectRead::of(array_)) {}

std::span<const std::int64_t> ChunkedArray::chunk_extents() const {
  return chunking_ ? std::span<const std::int64_t>(chunking_->extents)
                   : std::span<const std::int64_t>();
}

bool ChunkedArray::is_read_in_chunks() const {
  return chunking_ && (chunking_->has_filters || chunking_->bytes() <= kMostUnfilteredBytes);
}

void ChunkedArray::read_stored(const hdf5::Region& region, std::span<std::byte> out) const {
  if (is_empty(region)) return;
  naming_memory(array_.place(), [&] { read_cached(region, out); });
}

void ChunkedArray::read_stored(const hdf5::Region& region, std::span<std::byte> out,
                               int threads) const {
  if (is_empty(region)) return;
  naming_memory(array_.place(), [&] { read_shared(region, out, threads); });
}

void ChunkedArray::read_cached(const hdf5::Region& region, std::span<std::byte> out) const {
  assert(Shape(region.count).count() * element_bytes_ == out.size());
  if (!is_read_in_chunks()) return read_whole(region, out);
  const TouchedChunks chunks = touched(region);
  for (std::int64_t i = 0; i < chunks.count(); ++i) {
    const Piece wanted = piece(chunks[i]);
    if (fill_if_absent(wanted, region, out)) continue;
    ChunkCache::Use chunk = cache_->use({number_, wanted.number}, wanted.bytes);
    if (!chunk.is_filled()) {
      fill(wanted, chunk.bytes());
      chunk.set_filled();
    }
    copy(wanted, chunk.bytes(), region, out);
  }
}

void ChunkedArray::read_shared(const hdf5::Region& region, std::span<std::byte> out,
                               int threads) const {
  assert(Shape(region.count).count() * element_bytes_ == out.size());
  if (!is_read_in_chunks()) return read_steps(region, out, threads);
  const TouchedChunks chunks = touched(region);
  share_work(chunks.count(), threads, [&](std::int64_t i) {
    const Piece wanted = piece(chunks[i]);
    if (fill_if_absent(wanted, region, out)) return;
    thread_local std::vector<std::byte> chunk;
    if (chunk.size() < wanted.bytes) chunk.resize(wanted.bytes);
    const std::span<std::byte> bytes = std::span(chunk).first(wanted.bytes);
    fill(wanted, bytes);
    copy(wanted, bytes, region, out);
  });
}

TouchedChunks ChunkedArray::touched(const hdf5::Region& region) const {
  return {region, chunking_->extents, array_.info().extents};
}

ChunkedArray::Piece ChunkedArray::piece(TouchedChunk touched) const {
  Piece piece{std::move(touched), chunking_->extents, element_bytes_};
  const Extents& whole = array_.info().extents;
  for (std::size_t axis = 0; axis < whole.size(); ++axis) {
    // HDF5 returns no elements beyond the end of the array.
    if (!chunking_->codec)
      piece.extents[axis] = std::min(piece.extents[axis], whole[axis] - piece.start[axis]);
    piece.bytes *= static_cast<std::size_t>(piece.extents[axis]);
  }
  return piece;
}

void ChunkedArray::fill(const Piece& piece, std::span<std::byte> chunk) const {
  thread_local std::vector<std::byte> buffer;
  StoredChunk stored;
  std::size_t stored_bytes = 0;
  if (chunking_->codec) {
    stored = hdf5::read_stored_chunk(array_, *chunking_, piece.start, chunk, buffer);
    stored_bytes = stored.bytes.size();
  } else {
    stored_bytes = hdf5::stored_chunk_bytes(array_, piece.start);
  }
  if (stored_bytes == 0)
    fill_with(hdf5::fill_value(array_), chunk);
  else if (chunking_->codec)
    decode_chunk(*chunking_->codec, stored, hdf5::chunk_place(array_, piece.start), chunk);
  else
    array_.read_stored({piece.start, piece.extents}, chunk);
  cache_->count_read(stored_bytes, chunk.size());
}

// A large chunk that was never written takes no memory.
bool ChunkedArray::fill_if_absent(const Piece& piece, const hdf5::Region& region,
                                  std::span<std::byte> out) const {
  if (piece.bytes <= kLargeChunkBytes || hdf5::stored_chunk_bytes(array_, piece.start) > 0)
    return false;
  fill_box(hdf5::fill_value(array_), piece.part.count, out.data(), {region.count, piece.target});
  cache_->count_read(0, Shape(piece.part.count).count() * element_bytes_);
  return true;
}

void ChunkedArray::copy(const Piece& piece, std::span<const std::byte> chunk,
                        const hdf5::Region& region, std::span<std::byte> out) const {
  copy_box(element_bytes_, piece.part.count, chunk.data(), {piece.extents, piece.part.start},
           out.data(), {region.count, piece.target});
}

void ChunkedArray::read_whole(const hdf5::Region& region, std::span<std::byte> out) const {
  if (direct_) return cache_->count_read(direct_->read(region, out), out.size());
  array_.read_stored(region, out);
  cache_->count_read(out.size(), out.size());
}

void ChunkedArray::read_steps(const hdf5::Region& region, std::span<std::byte> out,
                              int threads) const {
  std::size_t axis = 0;
  while (axis < region.count.size() && region.count[axis] == 1) ++axis;
  if (axis == region.count.size() || !direct_) return read_whole(region, out);
  const std::int64_t count = region.count[axis];
  const std::size_t row_bytes = out.size() / static_cast<std::size_t>(count);
  const auto rows = std::max<std::int64_t>(1, static_cast<std::int64_t>(kStepBytes / row_bytes));
  share_work((count + rows - 1) / rows, threads, [&](std::int64_t i) {
    hdf5::Region step = region;
    step.start[axis] += i * rows;
    step.count[axis] = std::min(rows, count - i * rows);
    read_whole(step, out.subspan(static_cast<std::size_t>(i * rows) * row_bytes,
                                 static_cast<std::size_t>(step.count[axis]) * row_bytes));
  });
}

}  // namespace lucid
