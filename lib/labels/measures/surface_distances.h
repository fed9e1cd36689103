#pragma once

#include "labels/measures/nearest_voxel.h"

namespace lucid {

// Distances in mm between the surfaces of a label in prediction and truth; NaN where one of the
// two is empty, but for `dice`, which is 0 then, and NaN if both are.
struct SurfaceDistances {
  // The larger of the 95th percentiles of the distances from either surface to the other, with
  // linear interpolation, as MONAI's HausdorffDistanceMetric.
  double hd95;
  // The mean of the distances of all surface voxels of both to the other surface.
  double mean;
  // The share of the surface voxels of both that lie within the tolerance of the other surface.
  double dice;
};

SurfaceDistances surface_distances(const VoxelIndices& prediction, const VoxelIndices& truth,
                                   const Triple& extents, const NearestVoxel::Spacing& spacing,
                                   double tolerance);

// Returns the percentile of values, which are reordered, as numpy.percentile does: linear
// interpolation between the two nearest ranks.
double percentile(std::span<double> values, double percent);

}  // namespace lucid
