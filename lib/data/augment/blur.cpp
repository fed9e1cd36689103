// RandomBlur replaces each voxel by a weighted mean of its neighbours.
#include <algorithm>
#include <cmath>

#include "data/augment/channel_choice.h"
#include "data/augment/reader.h"
#include "data/augment/transform.h"
#include "kernels/elementwise/add_scaled.h"

namespace lucid {
namespace {

// Returns the weights of neighbours -radius .. radius, cut off at four deviations, where a gaussian
// is 3e-4 of its peak.
std::vector<float> gaussian(double deviation) {
  const auto radius = static_cast<std::int64_t>(4 * deviation + 0.5);
  std::vector<double> weights;
  double sum = 0;
  for (std::int64_t k = -radius; k <= radius; ++k) {
    const double x = static_cast<double>(k) / deviation;
    weights.push_back(std::exp(-x * x / 2));
    sum += weights.back();
  }
  for (double& weight : weights) weight /= sum;
  return {weights.begin(), weights.end()};
}

// Blurs along w from a copy of the row that repeats its ends.
void blur_rows(std::span<float> all, std::size_t width, const std::vector<float>& weights) {
  const auto radius = weights.size() / 2;
  std::vector<float> row(width + 2 * radius);
  for (std::size_t at = 0; at < all.size(); at += width) {
    const std::span<float> values = all.subspan(at, width);
    std::ranges::fill(std::span(row).first(radius), values.front());
    std::ranges::copy(values, row.begin() + static_cast<std::ptrdiff_t>(radius));
    std::ranges::fill(std::span(row).last(radius), values.back());
    std::ranges::fill(values, 0.F);
    for (std::size_t k = 0; k < weights.size(); ++k)
      add_scaled(width, weights[k], row.data() + k, values.data());
  }
}

// Blurs along d or h, a row along w at a time.
void blur_across(std::span<float> all, const Triple& extents, std::size_t axis,
                 const std::vector<float>& weights, std::vector<float>& spare) {
  const auto radius = static_cast<std::int64_t>(weights.size() / 2);
  const std::int64_t width = extents[2], count = extents[axis];
  const std::int64_t stride = axis == 0 ? extents[1] * width : width;
  spare.assign(all.size(), 0.F);
  for (std::int64_t at = 0; at < std::ssize(all); at += width) {
    const std::int64_t place = at / stride % count;
    for (std::int64_t k = -radius; k <= radius; ++k) {
      const std::int64_t neighbour = std::clamp<std::int64_t>(place + k, 0, count - 1);
      add_scaled(static_cast<std::size_t>(width), weights[static_cast<std::size_t>(k + radius)],
                 all.data() + at + (neighbour - place) * stride, spare.data() + at);
    }
  }
  std::ranges::copy(spare, all.begin());
}

class RandomBlur final : public Transform {
 public:
  AxisRanges std;
  ChannelChoice channels;

  bool moves_voxels() const override { return false; }
  void apply(AugmentedSample& sample, Rng& rng) const override {
    Grid& volume = sample.volume;
    channels.apply(
        volume, rng, [&](Rng& draws) { return draw(std, draws); },
        [&](std::span<float> values, const std::array<double, 3>& deviations) {
          blur(values, volume.extents, deviations, volume.spare);
        });
  }

 private:
  static void blur(std::span<float> values, const Triple& extents,
                   const std::array<double, 3>& deviations, std::vector<float>& spare) {
    for (std::size_t axis = 0; axis < 3; ++axis) {
      if (deviations[axis] < 0.125) continue;  // even the next voxel would have no weight
      const std::vector<float> weights = gaussian(deviations[axis]);
      if (axis == 2)
        blur_rows(values, static_cast<std::size_t>(extents[2]), weights);
      else
        blur_across(values, extents, axis, weights, spare);
    }
  }
};

}  // namespace

std::unique_ptr<Transform> make_random_blur(JsonObject& object) {
  auto blur = std::make_unique<RandomBlur>();
  TransformReader reader(object);
  blur->std =
      reader.axis_ranges("std", {.number = RangeRule::Number::kUpTo, .low = 0, .high = 64}, {0, 2});
  blur->channels = reader.channels();
  blur->p = reader.p();
  return blur;
}

}  // namespace lucid
