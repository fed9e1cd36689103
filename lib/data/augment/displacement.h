#pragma once

#include <array>
#include <span>
#include <vector>

#include "base/json.h"

namespace lucid {

// A smooth displacement of voxels: a cubic B-spline over a coarse grid of control points, three of
// whose spans lie outside of the volume on each axis.
class Displacement {
 public:
  // All points zero.
  void reset(const Triple& counts);
  // (3, d, h, w): the displacement along d, h, w of each point, in voxels.
  std::span<float> points() { return points_; }

  // For the voxels of a part of a volume of these extents.
  void prepare(const Triple& extents, const Triple& origin, const Triple& size);
  // Rows are numbered from the part's origin; row() belongs to the slab chosen last.
  void choose_slab(std::int64_t d);
  const float* row(std::int64_t h);  // (3, width)

 private:
  // The four points that count at a voxel, and how much.
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
  std::vector<float> along_w_;  // (points, width), most of it zeros: rows become vector code
  std::vector<float> slab_, line_, row_;
};

// Voxels between control points.
double control_spacing(std::int64_t points, std::int64_t extent);

}  // namespace lucid
