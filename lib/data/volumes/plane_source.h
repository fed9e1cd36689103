#pragma once

#include <optional>
#include <span>
#include <string>

#include "data/array/voxel_size.h"
#include "data/hdf5/file.h"

namespace lucid {

// An array that is no dataset of an HDF5 file, as a Stack reads it. Calls come from any thread.
class PlaneSource {
 public:
  virtual ~PlaneSource() = default;
  virtual ElementType element() const = 0;
  virtual const Shape& shape() const = 0;
  virtual const std::string& place() const = 0;                                 // "scan.nii.gz"
  virtual std::optional<VoxelSize> voxel_size() const { return std::nullopt; }  // if it is known
  // Fills `out` with exactly the region, in this machine's byte order. Regions that ascend along d
  // cost least.
  virtual void read_stored(const hdf5::Region& region, std::span<std::byte> out) const = 0;
  // Does the same; threads may share the work of data that is read once.
  virtual void read_shared(const hdf5::Region& region, std::span<std::byte> out, int) const {
    read_stored(region, out);
  }
  // Returns the extents of what is decoded at once, for each axis; empty if that is all planes
  // before.
  virtual std::span<const std::int64_t> chunk_extents() const { return {}; }
};

}  // namespace lucid
