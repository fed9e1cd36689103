#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "labels/measures/surface_voxels.h"

namespace lucid {

// Distances between the centres of voxels in mm, to the nearest of a set: exactly those of a
// Euclidean distance transform with the same spacing, but in memory of 13 bytes for each voxel of
// the set, however large their box is. A k-d tree.
class NearestVoxel {
 public:
  using Spacing = std::array<double, 3>;  // mm along d, h, w

  // The set holds at least one voxel. Throws Error(kFailed) for an extent beyond 2^31 - 1.
  NearestVoxel(std::span<const std::int64_t> voxels, const Triple& extents, const Spacing& spacing);

  // Returns the distance of each voxel. Equal calls give equal bits, whatever the threads.
  std::vector<double> distances(std::span<const std::int64_t> voxels) const;

 private:
  using Point = std::array<std::int32_t, 3>;
  struct Node {
    std::int32_t at = 0;  // points before the middle lie at most here along the axis
    std::int8_t axis = 0;
  };
  // The nearest point found so far, and the distances to the cell along each axis, all squared.
  struct Search {
    Point from;
    std::size_t nearest = 0;
    double best = 0;
    std::array<double, 3> beside{0, 0, 0};
  };

  Point point(std::int64_t voxel) const;
  double squared(const Point& a, const Point& b) const;
  void build(std::size_t node, std::size_t begin, std::size_t end);
  void search(std::size_t node, std::size_t begin, std::size_t end, Search& search) const;

  Triple extents_;
  Spacing spacing_;
  std::vector<Point> points_;  // in the order of the tree's leaves
  std::vector<Node> nodes_;    // children of node i are 2i + 1 and 2i + 2
};

}  // namespace lucid
