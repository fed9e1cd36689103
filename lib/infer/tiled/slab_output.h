#pragma once
// Private to this room.

#include "infer/predict/output_type.h"
#include "infer/tiled/slab_files.h"

namespace lucid {

// Turns the predictions of a volume into chunks of a dataset (N, C, D, H, W), or (N, D, H, W) for
// classes.
class SlabOutput {
 public:
  static constexpr std::int64_t kChunkPlanes = 8;

  SlabOutput(const OutputFormat& format, std::int64_t channels, const Triple& volume);

  Shape shape(std::int64_t samples) const;
  const OutputFormat& format() const { return format_; }
  const Triple& extents() const { return volume_; }

  // Encodes finished planes (D, C, H, W), the first of which begins a chunk, on all threads. The
  // activation is applied to them in place: the format's, or what is left of it.
  void write(std::span<float> planes, SlabWriter& writer) const {
    write(planes, format_.activation(), writer);
  }
  void write(std::span<float> planes, Activation activation, SlabWriter& writer) const;
  // Copies the chunks of planes [begin, end) into the output once all slabs are finished.
  void copy(SlabReader reader, std::int64_t begin, std::int64_t end, std::int64_t sample,
            hdf5::Writer& writer, const std::string& path) const;
  // Reads the next chunks of finished planes, as many as begin at one plane, and decodes those of
  // one channel to (D, H, W), where D is chunk_planes().
  void read(SlabReader& reader, std::int64_t channel, std::span<std::byte> planes) const;
  std::int64_t chunk_planes() const { return chunk_[0]; }
  hdf5::Storage storage() const;  // of the dataset
  void create(hdf5::Writer& writer, const std::string& path, std::int64_t samples) const;

  // The memory that write() needs in addition to its arguments.
  std::size_t working_bytes() const;

 private:
  struct EncodedChunk {
    std::vector<std::byte> bytes;
    std::uint32_t left_out = 0;
  };

  ChunkCodec codec() const;
  EncodedChunk encoded(std::span<const float> rows, std::int64_t planes, std::int64_t chunk) const;
  std::int64_t chunks_of_a_row() const { return written_channels_ * down_ * across_; }

  OutputFormat format_;
  std::int64_t channels_, written_channels_;
  Triple volume_, chunk_;
  std::int64_t down_, across_;  // the number of chunks along h and w
};

}  // namespace lucid
