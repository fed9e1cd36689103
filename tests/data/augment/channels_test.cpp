#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "data/augment/augmented.h"
#include "support/approx.h"
#include "support/golden.h"

// Transforms of values as nnU-Net has them: channel by channel, with ranges and statistics kept.
namespace lucid::test {
namespace {

constexpr std::size_t kVoxels = 210;  // of a channel

AugmentedSample two_channels() {
  Rng rng(3, "volume");
  std::vector<float> volume(2 * kVoxels);
  for (float& x : volume) x = rng.uniform(1, 3);
  for (std::size_t i = kVoxels; i < volume.size(); ++i) volume[i] *= -10;
  return sample_of({5, 6, 7}, volume);
}

std::span<const float> channel(const AugmentedSample& sample, std::size_t c) {
  return std::span(sample.volume.values).subspan(c * kVoxels, kVoxels);
}

double mean(std::span<const float> values) {
  double sum = 0;
  for (const float x : values) sum += x;
  return sum / static_cast<double>(values.size());
}

double deviation(std::span<const float> values) {
  double sum = 0;
  for (const float x : values) sum += std::pow(x - mean(values), 2);
  return std::sqrt(sum / static_cast<double>(values.size()));
}

}  // namespace

TEST_CASE("RandomLowResolution is SciPy's zoom of what PyTorch's nearest-exact keeps") {
  const Json golden = read_golden("augmentation.json");
  const AugmentedSample sample =
      sample_of({4, 5, 6}, floats(golden["volume"]), floats(golden["labels"]));
  for (const Json& row : golden["low_resolution"]) {
    CAPTURE(row["augmentation"].dump());
    const AugmentedSample coarse = augmented(row["augmentation"].dump(), sample);
    CHECK(coarse.volume.values == approx(doubles(row["volume"])).within(0, 5e-6));
    CHECK(coarse.labels.values == sample.labels.values);
  }
  CHECK(augmented(R"([{"type": "RandomLowResolution", "zoom": [1, 1]}])", sample).volume.values ==
        sample.volume.values);
  CHECK(augmented(R"([{"type": "RandomLowResolution"}])", sample).volume.values !=
        sample.volume.values);
}

TEST_CASE("RandomBrightness multiplies") {
  const AugmentedSample sample = two_channels();
  const AugmentedSample brighter =
      augmented(R"([{"type": "RandomBrightness", "factor": [1.5, 1.5]}])", sample);
  for (std::size_t i = 0; i < 2 * kVoxels; ++i)
    CHECK(brighter.volume.values[i] == 1.5F * sample.volume.values[i]);
  std::set<float> factors;
  for (std::uint64_t seed = 0; seed < 50; ++seed)
    factors.insert(augmented(R"([{"type": "RandomBrightness"}])", sample, seed).volume.values[0] /
                   sample.volume.values[0]);
  CHECK(factors.size() == 50);
  CHECK(*factors.begin() >= 0.7499F);
  CHECK(*factors.begin() < 0.8F);
  CHECK(*factors.rbegin() <= 1.2501F);
  CHECK(*factors.rbegin() > 1.2F);
}

TEST_CASE("preserve_range puts what contrast moved out of the channel's range back") {
  const AugmentedSample sample = two_channels();
  const std::string keys =
      R"("type": "RandomBrightnessContrast", "brightness": [0.5, 0.5], "contrast": [1.5, 1.5])";
  const AugmentedSample free = augmented("[{" + keys + "}]", sample),
                        kept = augmented("[{" + keys + R"(, "preserve_range": true}])", sample);
  for (std::size_t c = 0; c < 2; ++c) {
    const auto [low, high] = std::ranges::minmax(channel(sample, c));
    CHECK(std::ranges::max(channel(free, c)) > high + 0.6F);
    for (std::size_t i = 0; i < kVoxels; ++i)
      CHECK(channel(kept, c)[i] == std::clamp(channel(free, c)[i], low + 0.5F, high + 0.5F));
  }
}

TEST_CASE("RandomGamma keeps mean and deviation, and raises the negative image") {
  const AugmentedSample sample = two_channels();
  for (const bool invert : {false, true})
    for (const double log_gamma : {-0.7, 0.4}) {
      CAPTURE(invert);
      CAPTURE(log_gamma);
      const std::string ends = std::to_string(log_gamma);
      std::string keys = R"("type": "RandomGamma", "log_gamma": [)" + ends + "," + ends + "]";
      if (invert) keys += R"(, "invert": true)";
      const AugmentedSample raised = augmented("[{" + keys + "}]", sample),
                            kept = augmented("[{" + keys + R"(, "retain_stats": true}])", sample);
      for (std::size_t c = 0; c < 2; ++c) {
        const std::span<const float> before = channel(sample, c);
        const auto [low, high] = std::ranges::minmax(before);
        std::vector<double> expected;
        for (const float x : before) {
          const double width = high - low, share = (invert ? high - x : x - low) / width;
          const double power = std::pow(share, std::exp(log_gamma)) * width;
          expected.push_back(invert ? high - power : low + power);
        }
        CHECK(channel(raised, c) == approx(expected).within(0, 5e-5));
        CHECK(mean(channel(kept, c)) == doctest::Approx(mean(before)).epsilon(1e-6));
        CHECK(deviation(channel(kept, c)) == doctest::Approx(deviation(before)).epsilon(1e-5));
        const double factor = deviation(before) / deviation(channel(raised, c));
        std::vector<double> restored;
        for (const float x : channel(raised, c))
          restored.push_back((x - mean(channel(raised, c))) * factor + mean(before));
        CHECK(channel(kept, c) == approx(restored).within(1e-5, 1e-5));
      }
    }
  const AugmentedSample flat = sample_of({1, 2, 2}, {3, 3, 3, 3});
  CHECK(augmented(R"([{"type": "RandomGamma", "retain_stats": true, "invert": true}])", flat)
            .volume.values == flat.volume.values);
}

TEST_CASE("p_per_channel changes some channels, each by draws of its own") {
  for (const char* type : {"RandomBlur", "RandomBrightness", "RandomBrightnessContrast",
                           "RandomGamma", "RandomLowResolution", "RandomNoise"}) {
    CAPTURE(type);
    const std::string keys = std::string(R"("type": ")") + type + '"';
    std::vector<float> twice(2 * kVoxels);
    for (std::size_t i = 0; i < twice.size(); ++i)
      twice[i] = static_cast<float>((i % kVoxels) * 7919 % 1000);
    const AugmentedSample alike = sample_of({5, 6, 7}, twice);
    int changed = 0, different = 0;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
      const AugmentedSample made =
          augmented("[{" + keys + R"(, "p_per_channel": 0.5}])", alike, seed);
      for (std::size_t c = 0; c < 2; ++c)
        changed += std::ranges::equal(channel(made, c), channel(alike, c)) ? 0 : 1;
      const AugmentedSample both =
          augmented("[{" + keys + R"(, "p_per_channel": 1}])", alike, seed);
      different += std::ranges::equal(channel(both, 0), channel(both, 1)) ? 0 : 1;
    }
    CHECK(changed > 130);  // 400 channels; five deviations are 50
    CHECK(changed < 250);
    CHECK(different > 130);  // low resolution has few sizes to draw
    CHECK(augmented("[{" + keys + R"(, "p_per_channel": 0}])", alike).volume.values == twice);
  }
}

TEST_CASE("RandomAffine with planes leaves the axis across alone") {
  const AugmentedSample sample = counting_sample({4, 9, 9});
  const AugmentedSample turned = augmented(
      R"([{"type": "RandomAffine", "planes": "hw", "degrees": 180, "scales": 0.4, "shear": 0.2,
           "translation": 1}])",
      sample, 7);
  CHECK(turned.volume.values != sample.volume.values);
  for (std::size_t i = 0; i < turned.labels.values.size(); ++i)
    CHECK(std::floor(turned.labels.values[i] / 81) == static_cast<float>(i / 81));
  for (std::size_t d = 0; d < 4; ++d)
    for (std::size_t i = 0; i < 81; ++i)
      CHECK(turned.volume.values[81 * d + i] ==
            doctest::Approx(turned.volume.values[i] + 81 * static_cast<double>(d)).epsilon(1e-4));
  // A slice alone becomes the same.
  std::vector<float> slice(81);
  for (std::size_t i = 0; i < 81; ++i) slice[i] = static_cast<float>(i);
  const AugmentedSample flat = augmented(
      R"([{"type": "RandomAffine", "planes": "hw", "degrees": 180, "scales": 0.4, "shear": 0.2,
           "translation": 1}])",
      sample_of({1, 9, 9}, slice), 7);
  CHECK(flat.volume.values == approx(std::span(turned.volume.values).first(81)).within(1e-5, 1e-4));
}

}  // namespace lucid::test
