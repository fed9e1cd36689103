#include "data/volumes/dataset.h"

#include <vector>

namespace lucid {

void Dataset::read(std::int64_t, std::size_t index, std::span<float> sample,
                   std::span<float> target) const {
  read_sample(index, sample);
  if (!target.empty()) read_target(index, target);
}

std::optional<StoredValue> Dataset::find_refused(SamplePart part, const ValueRule& rule) const {
  for (std::size_t index = 0; index < size(); ++index)
    if (auto found = find_refused(part, 0, index, rule)) return found;
  return std::nullopt;
}

void Dataset::walk_samples(const VoxelVisitor& visit) const {
  const Shape shape = sample_shape();
  const auto channels = static_cast<std::size_t>(shape[0]);
  const std::size_t voxels = shape.count() / channels;
  std::vector<float> sample(shape.count());
  for (std::size_t index = 0; index < size(); ++index) {
    read_sample(index, sample);
    const std::string place = target_place(index);
    for (std::size_t channel = 0; channel < channels; ++channel)
      visit(place, channel, std::span<const float>(sample).subspan(channel * voxels, voxels));
  }
}

void Dataset::walk_foreground(std::optional<std::int64_t> ignored,
                              const VoxelVisitor& visit) const {
  const Shape shape = sample_shape();
  const auto channels = static_cast<std::size_t>(shape[0]);
  const std::size_t voxels = shape.count() / channels;
  std::vector<float> sample(shape.count()), target(target_shape().count());
  for (std::size_t index = 0; index < size(); ++index) {
    read(0, index, sample, target);
    for (std::size_t channel = 0; channel < channels; ++channel)
      visit(target_place(index), channel,
            foreground_of(std::span(sample).subspan(channel * voxels, voxels), target, ignored));
  }
}

std::vector<float> foreground_of(std::span<const float> values, std::span<const float> targets,
                                 std::optional<std::int64_t> ignored) {
  std::vector<float> found;
  const auto counts = [&](float label) {
    return label > 0 && !(ignored && label == static_cast<float>(*ignored));
  };
  for (std::size_t i = 0; i < values.size(); ++i)
    for (std::size_t at = i; at < targets.size(); at += values.size())
      if (counts(targets[at])) {
        found.push_back(values[i]);
        break;
      }
  return found;
}

}  // namespace lucid
