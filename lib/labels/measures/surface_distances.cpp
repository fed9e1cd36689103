#include "labels/measures/surface_distances.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "tensor/parallel.h"

namespace lucid {
namespace {

constexpr double kUndefinedDistance = std::numeric_limits<double>::quiet_NaN();

struct Directed {
  double percentile95, sum;
  std::int64_t within;
};

Directed directed_distances(const VoxelIndices& from, const VoxelIndices& to, const Triple& extents,
                            const NearestVoxel::Spacing& spacing, double tolerance) {
  std::vector<double> distances = NearestVoxel(to, extents, spacing).distances(from);
  constexpr std::int64_t kBlock = 4096;
  Directed found{};
  found.sum = parallel_sum(std::ssize(distances), kBlock, [&](std::int64_t i, std::int64_t end) {
    double sum = 0;
    for (; i < end; ++i) sum += distances[static_cast<std::size_t>(i)];
    return sum;
  });
  found.within = std::ranges::count_if(distances, [&](double d) { return d <= tolerance; });
  found.percentile95 = percentile(distances, 95);
  return found;
}

}  // namespace

double percentile(std::span<double> values, double percent) {
  const double place = percent / 100 * static_cast<double>(values.size() - 1);
  const auto rank = static_cast<std::size_t>(place);
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(rank);
  std::nth_element(values.begin(), at, values.end());
  if (rank + 1 == values.size()) return *at;
  return std::lerp(*at, *std::min_element(at + 1, values.end()), place - static_cast<double>(rank));
}

SurfaceDistances surface_distances(const VoxelIndices& prediction, const VoxelIndices& truth,
                                   const Triple& extents, const NearestVoxel::Spacing& spacing,
                                   double tolerance) {
  if (prediction.empty() || truth.empty())
    return {kUndefinedDistance, kUndefinedDistance,
            prediction.empty() && truth.empty() ? kUndefinedDistance : 0};
  const Directed to_truth = directed_distances(prediction, truth, extents, spacing, tolerance);
  const Directed to_prediction = directed_distances(truth, prediction, extents, spacing, tolerance);
  const auto count = static_cast<double>(prediction.size() + truth.size());
  return {std::max(to_truth.percentile95, to_prediction.percentile95),
          (to_truth.sum + to_prediction.sum) / count,
          static_cast<double>(to_truth.within + to_prediction.within) / count};
}

}  // namespace lucid
