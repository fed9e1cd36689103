#include "infer/tiled/slab_output.h"

#include <algorithm>

#include "tensor/parallel.h"

namespace lucid {
namespace {

constexpr int kDeflate = 1;
constexpr std::int64_t kChunkSide = 256;

std::int64_t parts(std::int64_t whole, std::int64_t part) { return (whole + part - 1) / part; }

}  // namespace

SlabOutput::SlabOutput(const OutputFormat& format, std::int64_t channels, const Triple& volume)
    : format_(format),
      channels_(channels),
      written_channels_(format.activation() == Activation::kArgmax ? 1 : channels),
      volume_(volume),
      chunk_{std::min(kChunkPlanes, volume[0]), std::min(kChunkSide, volume[1]),
             std::min(kChunkSide, volume[2])},
      down_(parts(volume[1], chunk_[1])),
      across_(parts(volume[2], chunk_[2])) {}

Shape SlabOutput::shape(std::int64_t samples) const {
  return activated_shape(format_.activation(),
                         {samples, channels_, volume_[0], volume_[1], volume_[2]});
}

hdf5::Storage SlabOutput::storage() const {
  hdf5::Storage storage{.chunk = {1, chunk_[0], chunk_[1], chunk_[2]}, .deflate = kDeflate};
  if (format_.activation() != Activation::kArgmax) storage.chunk.insert(storage.chunk.begin(), 1);
  return storage;
}

void SlabOutput::create(hdf5::Writer& writer, const std::string& path, std::int64_t samples) const {
  format_.create(writer, path, shape(samples), storage());
}

void SlabOutput::write(std::span<float> planes, Activation activation, SlabWriter& writer) const {
  const auto plane = static_cast<std::size_t>(channels_ * volume_[1] * volume_[2]);
  while (!planes.empty()) {
    const std::size_t count =
        std::min(static_cast<std::size_t>(kChunkPlanes), planes.size() / plane);
    const std::span<float> row = planes.first(count * plane);
    const auto deep = static_cast<std::int64_t>(count);
    apply_activation(activation, {deep, channels_, volume_[1], volume_[2]}, row);
    std::vector<EncodedChunk> chunks(static_cast<std::size_t>(chunks_of_a_row()));
    parallel_for(chunks_of_a_row(), [&](std::int64_t i) {
      chunks[static_cast<std::size_t>(i)] = encoded(row, deep, i);
    });
    for (const EncodedChunk& chunk : chunks) writer.add({chunk.bytes, chunk.left_out});
    planes = planes.subspan(count * plane);
  }
}

// These are the filters that create() sets, in the same order.
ChunkCodec SlabOutput::codec() const {
  return {.element_bytes = format_.element_bytes(), .shuffle_bit = 1, .deflate_bit = 2};
}

// Encodes one chunk of a row of chunks, which is (D, C, H, W) after the activation. Voxels beyond
// the volume are zero.
SlabOutput::EncodedChunk SlabOutput::encoded(std::span<const float> rows, std::int64_t planes,
                                             std::int64_t chunk) const {
  const std::int64_t c = chunk / (down_ * across_), top = chunk / across_ % down_ * chunk_[1],
                     left = chunk % across_ * chunk_[2];
  const std::int64_t height = std::min(chunk_[1], volume_[1] - top),
                     width = std::min(chunk_[2], volume_[2] - left);
  const std::size_t bytes = format_.element_bytes();
  std::vector<std::byte> numbers(static_cast<std::size_t>(chunk_[0] * chunk_[1] * chunk_[2]) *
                                 bytes);
  for (std::int64_t z = 0; z < planes; ++z)
    for (std::int64_t y = 0; y < height; ++y)
      format_.convert(
          rows.subspan(
              static_cast<std::size_t>(
                  ((z * written_channels_ + c) * volume_[1] + top + y) * volume_[2] + left),
              static_cast<std::size_t>(width)),
          numbers.data() + static_cast<std::size_t>((z * chunk_[1] + y) * chunk_[2]) * bytes);
  std::vector<std::byte> buffer;
  const StoredChunk stored = encode_chunk(codec(), kDeflate, numbers, buffer);
  return {{stored.bytes.begin(), stored.bytes.end()}, stored.left_out};
}

void SlabOutput::copy(SlabReader reader, std::int64_t begin, std::int64_t end, std::int64_t sample,
                      hdf5::Writer& writer, const std::string& path) const {
  for (std::int64_t plane = begin; plane < end; plane += kChunkPlanes)
    for (std::int64_t i = 0; i < chunks_of_a_row(); ++i) {
      std::vector<std::int64_t> start{sample, plane, i / across_ % down_ * chunk_[1],
                                      i % across_ * chunk_[2]};
      if (format_.activation() != Activation::kArgmax)
        start.insert(start.begin() + 1, i / (down_ * across_));
      writer.write_stored_chunk(path, start, reader.next());
    }
  reader.finish();
}

void SlabOutput::read(SlabReader& reader, std::int64_t channel, std::span<std::byte> planes) const {
  const auto bytes = static_cast<std::int64_t>(format_.element_bytes());
  std::vector<std::byte> chunk(static_cast<std::size_t>(chunk_[0] * chunk_[1] * chunk_[2] * bytes));
  for (std::int64_t i = 0; i < chunks_of_a_row(); ++i) {
    const StoredChunk stored = reader.next();
    if (i / (down_ * across_) != channel) continue;
    decode_chunk(codec(), stored, "a finished slab", chunk);
    const std::int64_t top = i / across_ % down_ * chunk_[1], left = i % across_ * chunk_[2];
    const std::int64_t width = std::min(chunk_[2], volume_[2] - left);
    for (std::int64_t z = 0; z < chunk_[0]; ++z)
      for (std::int64_t y = 0; y < std::min(chunk_[1], volume_[1] - top); ++y)
        std::copy_n(chunk.begin() + (z * chunk_[1] + y) * chunk_[2] * bytes, width * bytes,
                    planes.begin() + ((z * volume_[1] + top + y) * volume_[2] + left) * bytes);
  }
}

std::size_t SlabOutput::working_bytes() const {
  const std::int64_t numbers = written_channels_ * kChunkPlanes * volume_[1] * volume_[2];
  return 2 * static_cast<std::size_t>(numbers) * format_.element_bytes();
}

}  // namespace lucid
