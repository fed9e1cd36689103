#pragma once
// Private to this room.

#include <memory>
#include <vector>

#include "formats/readers/byte_stream.h"
#include "formats/zarr/zarr_array.h"

namespace lucid {

// Reads the elements of an array in C order: slabs of chunks, decoded by all cores.
class ZarrStream : public ByteStream {
 public:
  explicit ZarrStream(std::shared_ptr<const ZarrArray> array);

  std::size_t read(std::span<std::byte> out) override;
  std::uint64_t most_left() const override { return left_; }
  bool knows_size() const override { return true; }

 private:
  hdf5::Region slab(std::int64_t number) const;
  void read_slab(std::span<std::byte> out);

  std::shared_ptr<const ZarrArray> array_;
  std::size_t axis_ = 0;  // slabs follow one another along it
  std::int64_t rows_ = 1, steps_ = 1, slabs_ = 1, next_ = 0;
  ChunkCache cache_;
  bool is_cached_ = false;
  int threads_;
  std::vector<std::byte> buffer_;
  std::size_t used_ = 0;  // bytes of the buffer
  std::uint64_t left_;
};

}  // namespace lucid
