#pragma once
// Private to this room.

#include <array>
#include <span>
#include <vector>

#include "base/json.h"

namespace lucid {

// A smooth displacement field: a cubic B-spline over a coarse grid of control points, three of
// whose spans lie outside of the volume on each axis.
class Displacement {
 public:
  // Sets all points to zero.
  void reset(const Triple& counts);
  // Displacements of the control points along d, h, w in voxels, (3, d, h, w).
  std::span<float> points() { return points_; }

  // Prepares for a part of a volume of these extents.
  void prepare(const Triple& extents, const Triple& origin, const Triple& size);
  // Rows count from the part's origin; row() belongs to the slab chosen last.
  void choose_slab(std::int64_t d);
  const float* row(std::int64_t h);  // (3, width)

 private:
  // The four control points that affect a voxel, and their weights.
  struct Weights {
    std::size_t first;
    std::array<float, 4> of;
  };
  static std::vector<Weights> weights_along(std::int64_t points, std::int64_t extent,
                                            std::int64_t origin, std::int64_t size);

  Triple counts_{};
  std::vector<float> points_;
  std::vector<Weights> along_d_, along_h_;
  std::size_t width_ = 0;
  std::vector<float> along_w_;  // (points, width), mostly zeros so that rows vectorize
  std::vector<float> slab_, line_, row_;
};

// Returns the distance of control points in voxels.
double control_spacing(std::int64_t points, std::int64_t extent);

}  // namespace lucid
