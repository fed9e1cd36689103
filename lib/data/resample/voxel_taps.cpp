#include "data/resample/voxel_taps.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace lucid {
namespace {

// A spline's weights fall by 0.27 from voxel to voxel: those beyond this distance are below 1e-7.
constexpr std::int64_t kReach = 13;

double b_spline(double t) {
  t = std::abs(t);
  if (t >= 2) return 0;
  return t < 1 ? (4 - 6 * t * t + 3 * t * t * t) / 6 : (2 - t) * (2 - t) * (2 - t) / 6;
}

// The weight at distance `t` of the spline through all voxels: B-splines whose coefficients are the
// impulse response of the recursive filter (Unser, "Splines: a perfect fit", 1999, box 2).
double cardinal_spline(double t) {
  const double pole = std::sqrt(3.0) - 2, gain = -6 * pole / (1 - pole * pole);
  const auto below = static_cast<std::int64_t>(std::floor(t));
  double sum = 0;
  for (std::int64_t n = below - 1; n <= below + 2; ++n)
    sum += gain * std::pow(pole, static_cast<double>(std::abs(n))) *
           b_spline(t - static_cast<double>(n));
  return sum;
}

double weight(double distance, SplineOrder order) {
  if (order == SplineOrder::kCubic) return cardinal_spline(distance);
  return std::max(0.0, 1 - std::abs(distance));
}

}  // namespace

VoxelTaps::VoxelTaps(std::int64_t from, std::int64_t to, SplineOrder order)
    : from_(from), is_copy_(from == to) {
  assert(from > 0 && to > 0);
  if (is_copy_) order = SplineOrder::kNearest;
  const double ratio = static_cast<double>(from) / static_cast<double>(to);
  for (std::int64_t at = 0; at < to; ++at)
    add(is_copy_ ? static_cast<double>(at) : (static_cast<double>(at) + 0.5) * ratio - 0.5, order);
}

// Voxels beyond an edge add their weights to those of the outermost one.
void VoxelTaps::add(double position, SplineOrder order) {
  auto begin = static_cast<std::int64_t>(std::floor(position)), end = begin + 1;
  if (order == SplineOrder::kNearest) {
    begin = static_cast<std::int64_t>(std::floor(position + 0.5));
    position = static_cast<double>(begin);
    end = begin + 1;
  } else if (order == SplineOrder::kCubic) {
    end = begin + kReach + 1;
    begin -= kReach - 1;
  } else if (position != static_cast<double>(begin)) {
    ++end;
  }
  const auto inside = [&](std::int64_t voxel) {
    return std::clamp<std::int64_t>(voxel, 0, from_ - 1);
  };
  const std::int64_t first = inside(begin);
  std::vector<double> weights(static_cast<std::size_t>(inside(end - 1) - first + 1));
  double sum = 0;
  for (std::int64_t voxel = begin; voxel < end; ++voxel) {
    const double share = weight(position - static_cast<double>(voxel), order);
    weights[static_cast<std::size_t>(inside(voxel) - first)] += share;
    sum += share;
  }
  first_.push_back(first);
  for (const double share : weights) weights_.push_back(static_cast<float>(share / sum));
  offset_.push_back(weights_.size());
}

}  // namespace lucid
