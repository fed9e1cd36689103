// RandomNoise, RandomBrightnessContrast, RandomGamma and RandomCutout change values, not positions.
#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.h"
#include "data/augment/noise.h"
#include "data/augment/reader.h"
#include "data/augment/transform.h"
#include "kernels/simd/clones.h"
#include "kernels/simd/exponential.h"
#include "kernels/simd/logarithm.h"

namespace lucid {
namespace {

using Lanes = std::array<float, 16>;

// Returns smallest and largest value, lane by lane, which compilers vectorize.
LUCID_CLONED(Range, span_of, (std::span<const float> values), (values)) {
  Lanes low, high;
  low.fill(values[0]);
  high.fill(values[0]);
  const std::size_t whole = values.size() / low.size() * low.size();
  for (std::size_t i = 0; i < whole; i += low.size())
    for (std::size_t lane = 0; lane < low.size(); ++lane) {
      const float x = values[i + lane];
      low[lane] = x < low[lane] ? x : low[lane];
      high[lane] = x > high[lane] ? x : high[lane];
    }
  Range range{*std::ranges::min_element(low), *std::ranges::max_element(high)};
  for (const float x : values.subspan(whole))
    range = {std::min<double>(range.low, x), std::max<double>(range.high, x)};
  return range;
}

LUCID_CLONED(double, mean_of, (std::span<const float> values), (values)) {
  std::array<double, 16> lanes{};
  const std::size_t whole = values.size() / lanes.size() * lanes.size();
  for (std::size_t i = 0; i < whole; i += lanes.size())
    for (std::size_t lane = 0; lane < lanes.size(); ++lane) lanes[lane] += values[i + lane];
  double sum = 0;
  for (const double lane : lanes) sum += lane;
  for (const float x : values.subspan(whole)) sum += x;
  return sum / static_cast<double>(values.size());
}

LUCID_CLONED(void, scale_and_shift, (std::span<float> values, float factor, float shift),
             (values, factor, shift)) {
  for (float& x : values) x = x * factor + shift;
}

LUCID_CLONED(void, raise, (std::span<float> values, float low, float width, float gamma),
             (values, low, width, gamma)) {
  constexpr float kSmallest = 1e-37F;
  for (float& x : values) {
    const float share = (x - low) / width;
    const float power = exp_of_negative(gamma * log_of(share > kSmallest ? share : kSmallest));
    x = share > kSmallest ? low + width * power : low;
  }
}

class Intensity : public Transform {
 public:
  bool moves_voxels() const override { return false; }
};

class RandomNoise final : public Intensity {
 public:
  Range mean, std;

  void apply(AugmentedSample& sample, Rng& rng) const override {
    const auto centre = static_cast<float>(mean.draw(rng));
    const auto deviation = static_cast<float>(std.draw(rng));
    add_normal(rng, centre, deviation, sample.volume.values);
  }
};

class RandomBrightnessContrast final : public Intensity {
 public:
  Range brightness, contrast;

  void apply(AugmentedSample& sample, Rng& rng) const override {
    const double shift = brightness.draw(rng), factor = contrast.draw(rng);
    if (shift == 0 && factor == 1) return;
    for (std::int64_t c = 0; c < sample.volume.channels; ++c) {
      const std::span<float> values = sample.volume.channel(c);
      scale_and_shift(values, static_cast<float>(factor),
                      static_cast<float>(mean_of(values) * (1 - factor) + shift));
    }
  }
};

class RandomGamma final : public Intensity {
 public:
  Range log_gamma;

  void apply(AugmentedSample& sample, Rng& rng) const override {
    const double exponent = log_gamma.draw(rng);
    if (exponent == 0) return;
    for (std::int64_t c = 0; c < sample.volume.channels; ++c) {
      const std::span<float> values = sample.volume.channel(c);
      const Range range = span_of(values);
      const auto width = static_cast<float>(range.high - range.low);
      if (width > 0)
        raise(values, static_cast<float>(range.low), width, static_cast<float>(std::exp(exponent)));
    }
  }
};

class RandomCutout final : public Intensity {
 public:
  std::int64_t holes = 0, max_holes = 0;
  Triple size{}, max_size{};
  float fill = 0;

  Triple check(const Triple& extents, ConfigErrors& errors) const override {
    for (std::size_t axis = 0; axis < 3; ++axis)
      if (extents[axis] < max_size[axis]) {
        errors.add(pointer + (max_size == size ? "/size" : "/max_size"),
                   "expected at most the volume's " + extents_text(extents) + ", found " +
                       extents_text(max_size));
        break;
      }
    return extents;
  }
  void apply(AugmentedSample& sample, Rng& rng) const override {
    const std::int64_t count = holes + below(rng, max_holes - holes + 1);
    for (std::int64_t i = 0; i < count; ++i) {
      Triple box{}, origin{};
      for (std::size_t axis = 0; axis < 3; ++axis) {
        box[axis] = size[axis] + below(rng, max_size[axis] - size[axis] + 1);
        origin[axis] = below(rng, sample.volume.extents[axis] - box[axis] + 1);
      }
      cut(sample.volume, origin, box);
    }
  }

 private:
  static std::int64_t below(Rng& rng, std::int64_t bound) {
    return static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(bound)));
  }
  void cut(Grid& volume, const Triple& origin, const Triple& box) const {
    for (std::int64_t c = 0; c < volume.channels; ++c)
      for (std::int64_t d = origin[0]; d < origin[0] + box[0]; ++d)
        for (std::int64_t h = origin[1]; h < origin[1] + box[1]; ++h)
          std::fill_n(volume.channel(c).data() + (d * volume.extents[1] + h) * volume.extents[2] +
                          origin[2],
                      box[2], fill);
  }
};

}  // namespace

std::unique_ptr<Transform> make_random_noise(JsonObject& object) {
  auto noise = std::make_unique<RandomNoise>();
  TransformReader reader(object);
  noise->mean = reader.range("mean", {.low = -1e6, .high = 1e6}, {});
  noise->std =
      reader.range("std", {.number = RangeRule::Number::kUpTo, .low = 0, .high = 1e6}, {0, 0.25});
  noise->p = reader.p();
  return noise;
}

std::unique_ptr<Transform> make_random_brightness_contrast(JsonObject& object) {
  auto transform = std::make_unique<RandomBrightnessContrast>();
  TransformReader reader(object);
  transform->brightness = reader.range("brightness", {.low = -1e6, .high = 1e6}, {-0.2, 0.2});
  transform->contrast = reader.range("contrast", {.centre = 1, .low = 0, .high = 100}, {0.8, 1.2});
  transform->p = reader.p();
  return transform;
}

std::unique_ptr<Transform> make_random_gamma(JsonObject& object) {
  auto gamma = std::make_unique<RandomGamma>();
  TransformReader reader(object);
  gamma->log_gamma = reader.range("log_gamma", {.low = -3, .high = 3}, {-0.3, 0.3});
  gamma->p = reader.p();
  return gamma;
}

std::unique_ptr<Transform> make_random_cutout(JsonObject& object) {
  constexpr std::int64_t kMostHoles = 1 << 20, kLargest = 1 << 24;
  auto cutout = std::make_unique<RandomCutout>();
  cutout->holes = object.integer("holes", {0, kMostHoles}, 1);
  cutout->max_holes = object.integer("max_holes", {cutout->holes, kMostHoles}, cutout->holes);
  cutout->size = object.triple("size", {1, kLargest});
  cutout->max_size = object.triple("max_size", {1, kLargest}, cutout->size);
  for (std::size_t axis = 0; axis < 3; ++axis)
    if (object.is_sound() && cutout->max_size[axis] < cutout->size[axis])
      object.error("max_size", "expected no less than size, found " +
                                   std::to_string(cutout->max_size[axis]) + " below " +
                                   std::to_string(cutout->size[axis]));
  cutout->fill = static_cast<float>(object.number("fill", {}, 0.0));
  cutout->p = TransformReader(object).p();
  return cutout;
}

}  // namespace lucid
