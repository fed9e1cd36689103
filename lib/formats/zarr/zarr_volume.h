#pragma once

#include <filesystem>
#include <memory>

#include "data/chunks/cache.h"
#include "data/volumes/plane_source.h"
#include "formats/readers/volume_file.h"
#include "formats/zarr/zarr_array.h"

namespace lucid {

// An array of a Zarr store as a volume. A path to an image of OME-Zarr means its largest level; one
// to an array that is a level of an image, X.zarr/1, has the axes and the geometry of that level.
class ZarrVolume : public PlaneSource {
 public:
  // Throws Error(kUsage) for a path to something else, which names the arrays that are there, and
  // Error(kData) for what cannot be read.
  explicit ZarrVolume(const std::filesystem::path& path);

  const VolumeHeader& header() const { return header_; }
  std::shared_ptr<const ZarrArray> shared_array() const { return array_; }

  ElementType element() const override { return array_->element(); }
  const Shape& shape() const override { return shape_; }
  const std::string& place() const override { return place_; }
  std::optional<VoxelSize> voxel_size() const override;
  std::span<const std::int64_t> chunk_extents() const override { return chunk_; }
  void read_stored(const hdf5::Region& region, std::span<std::byte> out) const override;
  void read_shared(const hdf5::Region& region, std::span<std::byte> out,
                   int threads) const override;

 private:
  void describe(const std::filesystem::path& folder);
  hdf5::Region region_of(const hdf5::Region& region) const;

  std::string place_;
  std::shared_ptr<const ZarrArray> array_;
  VolumeHeader header_;
  std::vector<std::optional<std::size_t>> axes_;  // of the array; none for one of extent 1
  std::vector<std::int64_t> chunk_;
  Shape shape_;
  mutable ChunkCache cache_;
};

// Opens a volume to be read from front to back.
VolumeFile open_zarr(const std::filesystem::path& path);

// The number of the files of an image or array, their bytes, and when the newest was written. Two
// calls with equal results read equal voxels.
struct ZarrIdentity {
  std::uint64_t files = 0, bytes = 0;
  std::int64_t written = 0;
};
ZarrIdentity zarr_identity(const std::filesystem::path& path);

}  // namespace lucid
