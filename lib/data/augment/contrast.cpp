// RandomBrightness, RandomBrightnessContrast and RandomGamma map the values of each channel.
#include <algorithm>
#include <array>
#include <cmath>

#include "data/augment/channel_choice.h"
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

double deviation_of(std::span<const float> values, double mean) {
  double sum = 0;
  for (const float x : values) sum += (x - mean) * (x - mean);
  return std::sqrt(sum / static_cast<double>(values.size()));
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

class ValueMap : public Transform {
 public:
  ChannelChoice channels;

  bool moves_voxels() const override { return false; }
};

class RandomBrightness final : public ValueMap {
 public:
  Range factor;

  void apply(AugmentedSample& sample, Rng& rng) const override {
    channels.apply(
        sample.volume, rng, [&](Rng& draws) { return static_cast<float>(factor.draw(draws)); },
        [](std::span<float> values, float drawn) { scale_and_shift(values, drawn, 0); });
  }
};

class RandomBrightnessContrast final : public ValueMap {
 public:
  Range brightness, contrast;
  bool preserve_range = false;

  void apply(AugmentedSample& sample, Rng& rng) const override {
    channels.apply(
        sample.volume, rng,
        [&](Rng& draws) {
          const double shift = brightness.draw(draws);
          return Drawn{shift, contrast.draw(draws)};
        },
        [&](std::span<float> values, const Drawn& drawn) {
          if (drawn.shift != 0 || drawn.factor != 1) change(values, drawn);
        });
  }

 private:
  struct Drawn {
    double shift, factor;
  };

  void change(std::span<float> values, const Drawn& drawn) const {
    const Range range = preserve_range ? span_of(values) : Range{};
    scale_and_shift(values, static_cast<float>(drawn.factor),
                    static_cast<float>(mean_of(values) * (1 - drawn.factor) + drawn.shift));
    if (!preserve_range) return;
    const auto low = static_cast<float>(range.low + drawn.shift),
               high = static_cast<float>(range.high + drawn.shift);
    for (float& x : values) x = std::clamp(x, low, high);
  }
};

class RandomGamma final : public ValueMap {
 public:
  Range log_gamma;
  bool invert = false, retain_stats = false;

  void apply(AugmentedSample& sample, Rng& rng) const override {
    channels.apply(
        sample.volume, rng, [&](Rng& draws) { return log_gamma.draw(draws); },
        [&](std::span<float> values, double exponent) {
          if (exponent != 0) change(values, static_cast<float>(std::exp(exponent)));
        });
  }

 private:
  // The negative image is raised instead, if it is to be inverted.
  void change(std::span<float> values, float gamma) const {
    constexpr float kUnchanged = 1, kNegative = -1;
    const float sign = invert ? kNegative : kUnchanged;
    if (invert) scale_and_shift(values, sign, 0);
    const Range range = span_of(values);
    const auto width = static_cast<float>(range.high - range.low);
    const double mean = retain_stats ? mean_of(values) : 0,
                 deviation = retain_stats ? deviation_of(values, mean) : 0;
    if (width > 0) raise(values, static_cast<float>(range.low), width, gamma);
    if (retain_stats && width > 0) {
      constexpr double kSmallest = 1e-7;
      const double now = mean_of(values),
                   factor = deviation / std::max(deviation_of(values, now), kSmallest);
      scale_and_shift(values, static_cast<float>(factor), static_cast<float>(mean - factor * now));
    }
    if (invert) scale_and_shift(values, sign, 0);
  }
};

}  // namespace

std::unique_ptr<Transform> make_random_brightness(JsonObject& object) {
  auto transform = std::make_unique<RandomBrightness>();
  TransformReader reader(object);
  transform->factor = reader.range("factor", {.centre = 1, .low = 0, .high = 100}, {0.75, 1.25});
  transform->channels = reader.channels();
  transform->p = reader.p();
  return transform;
}

std::unique_ptr<Transform> make_random_brightness_contrast(JsonObject& object) {
  auto transform = std::make_unique<RandomBrightnessContrast>();
  TransformReader reader(object);
  transform->brightness = reader.range("brightness", {.low = -1e6, .high = 1e6}, {-0.2, 0.2});
  transform->contrast = reader.range("contrast", {.centre = 1, .low = 0, .high = 100}, {0.8, 1.2});
  transform->preserve_range = object.boolean("preserve_range", false);
  transform->channels = reader.channels();
  transform->p = reader.p();
  return transform;
}

std::unique_ptr<Transform> make_random_gamma(JsonObject& object) {
  auto gamma = std::make_unique<RandomGamma>();
  TransformReader reader(object);
  gamma->log_gamma = reader.range("log_gamma", {.low = -3, .high = 3}, {-0.3, 0.3});
  gamma->invert = object.boolean("invert", false);
  gamma->retain_stats = object.boolean("retain_stats", false);
  gamma->channels = reader.channels();
  gamma->p = reader.p();
  return gamma;
}

}  // namespace lucid
