#include "data/chunks/writer.h"

#include <algorithm>
#include <cassert>

#include "base/machine/share_work.h"
#include "data/array/copy_box.h"
#include "data/chunks/box_grid.h"

namespace lucid {
namespace {

using Extents = std::vector<std::int64_t>;

// About this much is compressed before it is written.
constexpr std::size_t kBatchBytes = std::size_t{32} << 20;

ChunkCodec codec_of(const ChunkedOutput& output) {
  ChunkCodec codec{.element_bytes = element_bytes(output.type)};
  if (output.storage.deflate > 0) {
    codec.shuffle_bit = output.storage.is_shuffled ? 1 : 0;
    codec.deflate_bit = output.storage.is_shuffled ? 2 : 1;
  }
  return codec;
}

// Buffers of a chunk on its way to the file; they are reused.
struct Slot {
  std::vector<std::byte> part, chunk, buffer;
  StoredChunk stored;
};

// Pads a chunk that extends beyond the end of the array with zeros.
std::span<const std::byte> padded(const hdf5::Region& region, const Extents& chunk,
                                  std::size_t element_bytes, Slot& slot) {
  if (region.count == chunk) return slot.part;
  const Extents origin(region.count.size(), 0);
  slot.chunk.assign(Shape(chunk).count() * element_bytes, std::byte{0});
  copy_box(element_bytes, region.count, slot.part.data(), {region.count, origin}, slot.chunk.data(),
           {chunk, origin});
  return slot.chunk;
}

// HDF5 cuts the chunk to the shape when the dataset is created; so does this.
Extents chunk_of(const ChunkedOutput& output) {
  Extents chunk = output.storage.chunk;
  for (std::size_t axis = 0; axis < chunk.size(); ++axis)
    chunk[axis] = std::min(chunk[axis], output.shape[axis]);
  return chunk;
}

}  // namespace

void write_in_chunks(hdf5::Writer& file, const ChunkedOutput& output, int threads,
                     const FillRegion& fill, const Advance& advance) {
  file.create(output.path, output.type, output.shape, output.storage);
  const Extents origin(output.shape.rank(), 0);
  write_chunks(file, output, {origin, output.shape.extents()}, threads, fill, advance);
}

void write_chunks(hdf5::Writer& file, const ChunkedOutput& output, const hdf5::Region& part,
                  int threads, const FillRegion& fill, const Advance& advance) {
  assert(output.storage.chunk.size() == output.shape.rank());
  const Extents chunk = chunk_of(output);
  const BoxGrid grid(part, chunk);
  const ChunkCodec codec = codec_of(output);
  const std::size_t chunk_bytes = Shape(chunk).count() * codec.element_bytes;
  const std::size_t total = Shape(part.count).count() * codec.element_bytes;
  const auto batch = std::max<std::int64_t>(threads, std::int64_t(kBatchBytes / chunk_bytes));
  std::vector<Slot> slots(static_cast<std::size_t>(std::min(batch, grid.count())));
  std::size_t done = 0;
  for (std::int64_t begin = 0; begin < grid.count(); begin += batch) {
    const std::int64_t count = std::min(batch, grid.count() - begin);
    share_work(count, threads, [&](std::int64_t i) {
      Slot& slot = slots[static_cast<std::size_t>(i)];
      const hdf5::Region region = grid.region(begin + i);
      slot.part.resize(Shape(region.count).count() * codec.element_bytes);
      fill(region, slot.part);
      slot.stored = encode_chunk(codec, output.storage.deflate,
                                 padded(region, chunk, codec.element_bytes, slot), slot.buffer);
    });
    for (std::int64_t i = 0; i < count; ++i) {
      const Slot& slot = slots[static_cast<std::size_t>(i)];
      file.write_stored_chunk(output.path, grid.region(begin + i).start, slot.stored);
      done += slot.part.size();
    }
    advance(done, total);
  }
}

void write_chunks(hdf5::Writer& file, const ChunkedOutput& output, const hdf5::Region& part,
                  int threads, std::span<const std::byte> values, const Advance& advance) {
  const auto cut = [&](const hdf5::Region& chunk, std::span<std::byte> out) {
    Extents from = chunk.start;
    const Extents origin(from.size(), 0);
    for (std::size_t axis = 0; axis < from.size(); ++axis) from[axis] -= part.start[axis];
    copy_box(element_bytes(output.type), chunk.count, values.data(), {part.count, from}, out.data(),
             {chunk.count, origin});
  };
  write_chunks(file, output, part, threads, cut, advance);
}

}  // namespace lucid
