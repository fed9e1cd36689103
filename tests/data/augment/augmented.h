#pragma once

#include <nlohmann/json.hpp>
#include <numeric>
#include <string>
#include <vector>

#include "data/augment/augmentation.h"
#include "support/from_text.h"

namespace lucid::test {

// Parses the value of "augmentation" in the data section.
inline Augmentation augmentation(const std::string& list) {
  return from_text("{\"augmentation\": " + list + "}", "/data", [](JsonObject& data) {
    Augmentation made = read_augmentation(data);
    data.finish();
    return made;
  });
}

inline AugmentedSample sample_of(const Triple& extents, std::vector<float> volume,
                                 std::vector<float> labels = {}) {
  AugmentedSample sample;
  const std::int64_t voxels = extents[0] * extents[1] * extents[2];
  sample.volume = {.channels = std::ssize(volume) / voxels,
                   .extents = extents,
                   .interpolation = Interpolation::kLinear,
                   .values = std::move(volume),
                   .spare = {}};
  sample.labels = {.channels = std::ssize(labels) / voxels,
                   .extents = extents,
                   .interpolation = Interpolation::kNearest,
                   .values = std::move(labels),
                   .spare = {}};
  return sample;
}

// Returns two channels in which every voxel is its own index; the labels equal the first channel.
inline AugmentedSample counting_sample(const Triple& extents) {
  const auto voxels = static_cast<std::size_t>(extents[0] * extents[1] * extents[2]);
  std::vector<float> volume(2 * voxels), labels(voxels);
  std::iota(volume.begin(), volume.end(), 0.F);
  std::iota(labels.begin(), labels.end(), 0.F);
  return sample_of(extents, volume, labels);
}

inline AugmentedSample augmented(const std::string& list, AugmentedSample sample,
                                 std::uint64_t seed = 1) {
  Rng rng(seed, "augment");
  augmentation(list).apply(sample, rng);
  return sample;
}

// Returns a smooth volume, with its rounded values as labels.
inline AugmentedSample smooth_sample(const Triple& extents) {
  std::vector<float> volume;
  for (std::int64_t d = 0; d < extents[0]; ++d)
    for (std::int64_t h = 0; h < extents[1]; ++h)
      for (std::int64_t w = 0; w < extents[2]; ++w)
        volume.push_back(static_cast<float>(3 * d + 2 * h + w) / 10);
  std::vector<float> labels = volume;
  return sample_of(extents, volume, labels);
}

}  // namespace lucid::test
