#pragma once
// Private to this room.

#include <functional>
#include <map>
#include <mutex>
#include <vector>

#include "data/volumes/plane_source.h"
#include "formats/readers/volume_file.h"

namespace lucid {

// Reads planes of a NIfTI, NRRD or NumPy file straight from it. The numbers of these formats are
// streams, which may be compressed: going on along d continues a stream, going back opens the file
// again and skips what lies before. Channels and samples that are stored one after the other have a
// stream each, so that no more is kept in memory than is asked for.
class FilePlanes : public PlaneSource {
 public:
  // `open` gives the same file each time; `first` is what it gave. Throws Error(kData) if h or w
  // are stored outside d, so that planes are scattered over the file, or if there are too many
  // channels for a stream each.
  FilePlanes(std::function<VolumeFile()> open, const VolumeFile& first);

  ElementType element() const override { return element_; }
  const Shape& shape() const override { return shape_; }
  const std::string& place() const override { return place_; }
  std::optional<VoxelSize> voxel_size() const override { return voxel_size_; }
  void read_stored(const hdf5::Region& region, std::span<std::byte> out) const override;

 private:
  // The elements before `at` have been read.
  struct Stream {
    VolumeFile file;
    std::int64_t at = 0;
  };

  Stream& stream_at(std::int64_t outer, std::int64_t at) const;
  void read(Stream& stream, std::span<std::byte> out) const;

  std::function<VolumeFile()> open_;
  std::string place_;
  std::optional<VoxelSize> voxel_size_;
  ElementType element_;
  Shape shape_;
  std::size_t d_;       // the axis
  std::int64_t plane_;  // elements of all axes inside d
  mutable std::mutex mutex_;
  mutable std::map<std::int64_t, Stream> streams_;  // by the index of the axes outside d
};

}  // namespace lucid
