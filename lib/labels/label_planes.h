#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "base/triple.h"

namespace lucid {

// A class or the number of an object; 0 is the background. Labels are not negative.
using Label = std::int32_t;

// Is told the share of a pass over a volume that is done, 0 to 1; may throw to cancel.
using LabelProgress = std::function<void(double share)>;

// A volume of labels whose planes (h, w) are read in order, as often as needed.
class LabelPlanes {
 public:
  virtual ~LabelPlanes() = default;

  virtual const Triple& extents() const = 0;      // d, h, w
  virtual void rewind() = 0;                      // begins again with the first plane
  virtual void read(std::span<Label> plane) = 0;  // the next plane

  std::size_t plane_voxels() const { return static_cast<std::size_t>(extents()[1] * extents()[2]); }
};

}  // namespace lucid
