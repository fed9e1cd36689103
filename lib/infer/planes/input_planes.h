#pragma once
// Private to this room.

#include <optional>
#include <span>

#include "data/chunks/chunked_array.h"
#include "data/volumes/stack.h"

namespace lucid {

// Reads planes of one input of a volume, within a region of it, in their stored type.
class InputPlanes {
 public:
  // The arguments must outlive this object.
  InputPlanes(const Stack& stack, std::size_t sample, const Box& region, ChunkCache& cache);

  ElementType element() const { return element_; }
  std::int64_t channels() const { return channels_; }
  const Box& region() const { return region_; }
  std::size_t plane_bytes() const;  // of all channels
  // The planes of a chunk, which are best read together; 1 if there are no chunks.
  std::int64_t chunk_planes() const;

  // Reads planes [begin, end) of the region as (D, C, H, W), on all threads.
  void read(std::int64_t begin, std::int64_t end, std::span<std::byte> out) const;

 private:
  const Stack* stack_;
  std::size_t sample_;
  Box region_;
  std::optional<ChunkedArray> array_;  // none if the stack has a source of its own
  ElementType element_;
  std::int64_t channels_;
};

}  // namespace lucid
