#pragma once

#include <cstdint>
#include <vector>

#include "data/hdf5/file.h"

namespace lucid {

// A chunk of an array, and the part of it that a region needs.
struct TouchedChunk {
  std::vector<std::int64_t> index;   // of the chunk along each axis
  std::vector<std::int64_t> start;   // its first element
  std::uint64_t number = 0;          // among all chunks of the array, the last axis first
  hdf5::Region part;                 // the part within the chunk
  std::vector<std::int64_t> target;  // where the part begins in the region
};

// The chunks that a region touches, which is not empty. What it refers to must outlive it.
class TouchedChunks {
 public:
  TouchedChunks(const hdf5::Region& region, const std::vector<std::int64_t>& chunk,
                const std::vector<std::int64_t>& array);

  std::int64_t count() const { return chunks_; }
  TouchedChunk operator[](std::int64_t i) const;  // the last axis first

 private:
  const hdf5::Region& region_;
  const std::vector<std::int64_t>&chunk_, &array_;  // extents
  std::vector<std::int64_t> first_, count_;         // of the touched chunks along each axis
  std::int64_t chunks_ = 1;
};

}  // namespace lucid
