#include "infer/window/blend.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace lucid {
namespace {

double profile(Blend blend, std::int64_t window, std::int64_t at) {
  if (blend == Blend::kConstant) return 1;
  constexpr double kWindowsPerDeviation = 0.125;
  const double middle = static_cast<double>(window - 1) / 2;
  const double deviations =
      (static_cast<double>(at) - middle) / (kWindowsPerDeviation * static_cast<double>(window));
  return std::exp(-0.5 * deviations * deviations);
}

// Returns how much of an overlap has weight 0: `behind` at the end of the window that begins first,
// `before` at the start of the other.
SpoiltBorder cut_of(std::int64_t overlap, const std::optional<SpoiltBorder>& spoilt) {
  if (spoilt && spoilt->both() <= overlap) return *spoilt;
  return {overlap / 4, overlap / 4};
}

}  // namespace

const std::vector<std::string>& blend_names() {
  static const std::vector<std::string> names = {"gaussian", "constant"};
  return names;
}

Blend blend_named(const std::string& name) {
  const auto at = std::ranges::find(blend_names(), name);
  assert(at != blend_names().end());
  return static_cast<Blend>(at - blend_names().begin());
}

std::vector<WindowWeights> blend_weights(const AxisWindows& windows, Blend blend,
                                         const std::optional<SpoiltBorder>& spoilt) {
  std::vector<WindowWeights> all(windows.starts.size());
  for (WindowWeights& one : all) one.end = windows.window;
  for (std::size_t i = 1; i < all.size(); ++i) {
    const SpoiltBorder cut =
        cut_of(windows.starts[i - 1] + windows.window - windows.starts[i], spoilt);
    all[i - 1].end -= cut.behind;
    all[i].begin += cut.before;
  }
  std::vector<double> sums(static_cast<std::size_t>(windows.extended), 0);
  const auto for_voxels = [&](const auto& visit) {
    for (std::size_t i = 0; i < all.size(); ++i)
      for (std::int64_t at = all[i].begin; at < all[i].end; ++at)
        visit(all[i], sums[static_cast<std::size_t>(windows.starts[i] + at)],
              profile(blend, windows.window, at));
  };
  for_voxels([](WindowWeights&, double& sum, double weight) { sum += weight; });
  for_voxels([](WindowWeights& one, double& sum, double weight) {
    one.weights.push_back(static_cast<float>(weight / sum));
  });
  return all;
}

}  // namespace lucid
