#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/array/elements.h"
#include "formats/labels/find_labels.h"
#include "formats/readers/geometry.h"
#include "labels/label_planes.h"

namespace lucid {

class StoredPlanes;

// A volume of labels in a file, of integers or of floats that are whole numbers. Memory: two
// planes, and of HDF5 files a slab as deep as a chunk.
class LabelVolume : public LabelPlanes {
 public:
  // Threads decode chunks. Throws Error if the file cannot be read or holds no volume.
  LabelVolume(const LabelSource& source, int threads);
  ~LabelVolume() override;

  const Triple& extents() const override;
  void rewind() override;
  // Throws Error(kData) that names the first voxel whose value is no label.
  void read(std::span<Label> plane) override;

  const std::string& place() const;
  ElementType element() const;
  const std::optional<Geometry>& geometry() const;  // nullopt if the file does not say
  // Returns what the file holds and is not used, after the last plane.
  std::vector<std::string> warnings();

 private:
  std::unique_ptr<StoredPlanes> planes_;
  std::int64_t next_ = 0;
  std::vector<std::byte> stored_;
};

// The voxel size that two volumes share, in mm; a volume that says none has that of the other, and
// 1 where both do not. Adds a warning in that case, and where the volumes lie in different places.
// Throws Error(kData) if extents or voxel sizes differ.
std::array<double, 3> common_voxel_size(const LabelVolume& prediction, const LabelVolume& truth,
                                        std::vector<std::string>& warnings);

}  // namespace lucid
