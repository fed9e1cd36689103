#include "infer/tiled/slab_planes.h"

#include <algorithm>

namespace lucid {

SlabPlanes::SlabPlanes(const TiledVolume& volume, std::size_t number, const SlabFiles& slabs)
    : volume_(volume),
      number_(number),
      slabs_(slabs),
      plane_bytes_(
          static_cast<std::size_t>(volume.output.extents()[1] * volume.output.extents()[2]) *
          volume.output.format().element_bytes()),
      chunks_(static_cast<std::size_t>(volume.output.chunk_planes()) * plane_bytes_) {}

// Slabs of some depth indices have no planes and no file.
void SlabPlanes::begin_slab() {
  const SlabSchedule& schedule = volume_.schedule;
  while (schedule.begin(depth_) == schedule.end(depth_)) ++depth_;
  reader_ = std::unique_ptr<SlabReader>(new SlabReader(slabs_.read({number_, depth_})));
}

void SlabPlanes::read_chunks(std::int64_t channel, std::int64_t plane) {
  if (plane == 0) {
    depth_ = 0;
    reader_.reset();
  }
  if (!reader_) begin_slab();
  volume_.output.read(*reader_, channel, chunks_);
  begin_ = plane;
  const std::int64_t slab_end = volume_.schedule.end(depth_);
  end_ = std::min(plane + volume_.output.chunk_planes(), slab_end);
  if (end_ < slab_end) return;
  reader_->finish();
  reader_.reset();
  ++depth_;
}

void SlabPlanes::read(std::int64_t channel, std::int64_t plane, std::span<std::byte> out) {
  for (; !out.empty(); out = out.subspan(plane_bytes_), ++plane) {
    if (plane == 0 || plane == end_) read_chunks(channel, plane);
    std::copy_n(chunks_.begin() + (plane - begin_) * static_cast<std::int64_t>(plane_bytes_),
                plane_bytes_, out.begin());
  }
}

}  // namespace lucid
