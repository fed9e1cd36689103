#pragma once
// Private to this room.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/triple.h"
#include "data/array/elements.h"
#include "formats/labels/find_labels.h"
#include "formats/readers/geometry.h"

namespace lucid {

// A volume in a file as it is stored, read plane by plane (h, w).
class StoredPlanes {
 public:
  virtual ~StoredPlanes() = default;

  const Triple& extents() const { return extents_; }
  ElementType element() const { return element_; }
  const std::string& place() const { return place_; }
  const std::optional<Geometry>& geometry() const { return geometry_; }

  virtual void rewind() = 0;
  virtual void read(std::span<std::byte> plane) = 0;
  // Returns what the file holds and is not used, after the last plane.
  virtual std::vector<std::string> warnings() = 0;

 protected:
  Triple extents_{};
  ElementType element_ = ElementType::kUint8;
  std::string place_;
  std::optional<Geometry> geometry_;
};

std::unique_ptr<StoredPlanes> open_hdf5_planes(const LabelSource& source, int threads);
std::unique_ptr<StoredPlanes> open_file_planes(const LabelSource& source);

}  // namespace lucid
