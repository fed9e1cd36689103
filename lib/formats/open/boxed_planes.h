#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "data/volumes/plane_source.h"

namespace lucid {

// Reads any box of a volume whose planes are read from front to back. A volume of at most 512 MiB
// is read once and kept; of a larger one each box that does not lie behind the last one takes a
// pass.
class BoxedPlanes : public PlaneSource {
 public:
  // `axes` are those of the source, plain letters.
  BoxedPlanes(std::shared_ptr<const PlaneSource> planes, const std::string& axes);

  ElementType element() const override { return planes_->element(); }
  const Shape& shape() const override { return planes_->shape(); }
  const std::string& place() const override { return planes_->place(); }
  std::optional<VoxelSize> voxel_size() const override { return planes_->voxel_size(); }
  void read_stored(const hdf5::Region& region, std::span<std::byte> out) const override;
  // A plane with all that is stored inside it.
  std::span<const std::int64_t> chunk_extents() const override { return chunk_; }

 private:
  void read_planes(const hdf5::Region& region, std::span<std::byte> out) const;

  std::shared_ptr<const PlaneSource> planes_;
  std::size_t d_;  // the axis
  std::vector<std::int64_t> chunk_;
  mutable std::mutex mutex_;
  mutable std::vector<std::byte> kept_;
};

}  // namespace lucid
