#pragma once
// Private to this room.

#include "data/augment/displacement.h"
#include "data/augment/grid.h"
#include "data/augment/rows.h"

namespace lucid {

// Collects the geometric changes of consecutive transforms, so that values are interpolated once.
// Affine maps compose in order. The displacement is always applied first on the way from result to
// source: it is smooth in the frame of the result, whichever came first.
class PendingWarp {
 public:
  bool is_pending() const { return is_pending_; }
  bool has_displacement() const { return has_displacement_; }
  bool is_cropped() const { return is_cropped_; }
  const Padding& padding() const { return padding_; }

  void begin(const Triple& extents, const Padding& padding);
  void map(const AffineMap& next);
  Displacement& displace(const Triple& counts);  // the caller fills its points
  void crop(const Triple& origin, const Triple& size);

  // Interpolates, after which nothing is pending. Labels without channels are left alone.
  void apply(Grid& volume, Grid& labels);

 private:
  bool is_pending_ = false, has_displacement_ = false, is_cropped_ = false;
  Padding padding_;
  Triple extents_{}, origin_{}, size_{};
  AffineMap map_;
  Displacement displacement_;
};

}  // namespace lucid
