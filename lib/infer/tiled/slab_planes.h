#pragma once
// Private to this room.

#include <memory>
#include <span>
#include <vector>

#include "infer/tiled/slab_files.h"
#include "infer/tiled/tiled_file.h"

namespace lucid {

// Reads the finished slabs of a volume plane by plane, channel by channel. Reading the first plane
// of a channel begins anew with the first slab; damage is noticed at the end of each slab.
class SlabPlanes {
 public:
  // The arguments must outlive this object; `number` is that of the volume.
  SlabPlanes(const TiledVolume& volume, std::size_t number, const SlabFiles& slabs);

  // Reads the next planes, as many as fill `out`, beginning with this one. Planes must be read in
  // ascending order, all of them of a channel.
  void read(std::int64_t channel, std::int64_t plane, std::span<std::byte> out);

 private:
  void begin_slab();
  void read_chunks(std::int64_t channel, std::int64_t plane);

  const TiledVolume& volume_;
  std::size_t number_;
  const SlabFiles& slabs_;
  std::size_t plane_bytes_;
  std::size_t depth_ = 0;
  std::unique_ptr<SlabReader> reader_;
  std::vector<std::byte> chunks_;  // planes [begin_, end_)
  std::int64_t begin_ = 0, end_ = 0;
};

}  // namespace lucid
