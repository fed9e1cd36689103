#pragma once

#include "infer/predict/output_type.h"
#include "infer/tiled/partial_folder.h"

namespace lucid {

// The predictions of a volume as chunks of a dataset (N, C, D, H, W), or (N, D, H, W) of classes.
class SlabOutput {
 public:
  static constexpr std::int64_t kChunkPlanes = 8;

  SlabOutput(const OutputFormat& format, std::int64_t channels, const Triple& volume);

  Shape shape(std::int64_t samples) const;

  // Finished planes (D, C, H, W), from one that begins a chunk; they are activated in place. Chunks
  // are made by all threads.
  void write(std::span<float> planes, SlabWriter& writer) const;
  // ... and, once all are, into the file. `begin` and `end` are those planes.
  void copy(SlabReader reader, std::int64_t begin, std::int64_t end, std::int64_t sample,
            hdf5::Writer& writer, const std::string& path) const;
  void create(hdf5::Writer& writer, const std::string& path, std::int64_t samples) const;

  // What write() holds at a time.
  std::size_t working_bytes() const;

 private:
  struct EncodedChunk {
    std::vector<std::byte> bytes;
    std::uint32_t left_out = 0;
  };

  EncodedChunk encoded(std::span<const float> rows, std::int64_t planes, std::int64_t chunk) const;
  std::int64_t chunks_of_a_row() const { return written_channels_ * down_ * across_; }

  OutputFormat format_;
  std::int64_t channels_, written_channels_;
  Triple volume_, chunk_;
  std::int64_t down_, across_;  // chunks along h and w
};

}  // namespace lucid
