#include "train/cases/slice_places.h"

#include <algorithm>
#include <cstddef>

namespace lucid {
namespace {

bool have_voxels(const Shape& target) { return target.rank() >= 3; }

}  // namespace

SlicePlaces::SlicePlaces(const CaseList& list, const Dataset& set,
                         std::optional<std::int64_t> ignored)
    : list_(list),
      are_patches_(list.is_of_patches()),
      target_(have_voxels(set.target_shape()) ? set.target_shape() : set.sample_shape()),
      has_labels_(have_voxels(set.target_shape()) && set.target_type() == TargetType::kIntegers),
      ignored_(ignored ? std::optional(static_cast<float>(*ignored)) : std::nullopt) {}

std::int64_t SlicePlaces::planes(std::size_t index) const {
  return are_patches_ ? list_.extents(index)[0] : target_[target_.rank() - 3];
}

// The planes of its case that a sample counts.
std::pair<std::int64_t, std::int64_t> SlicePlaces::planes_of(std::size_t sample) const {
  if (!are_patches_) return {0, planes(list_.case_of(sample))};
  const Box counted = list_.part(sample).counted;
  return {counted.begin[0], counted.end(0)};
}

void SlicePlaces::measure(std::size_t sample, std::span<const float> target,
                          std::vector<double>& numbers) const {
  const bool is_counted = has_labels_ && sample >= next_;
  numbers.push_back(is_counted ? 1 : 0);
  if (!is_counted) return;
  const auto [begin, end] = planes_of(sample);
  const std::int64_t before = are_patches_ ? list_.part(sample).window.begin[0] : 0;
  for (std::int64_t d = begin; d < end; ++d)
    numbers.push_back(static_cast<double>(labelled_in(d - before, target)));
}

void SlicePlaces::take(std::size_t sample, std::span<const double>& numbers) {
  const bool is_counted = numbers[0] != 0;
  numbers = numbers.subspan(1);
  if (!is_counted) return;
  const auto [begin, end] = planes_of(sample);
  const auto counts = numbers.first(static_cast<std::size_t>(end - begin));
  numbers = numbers.subspan(counts.size());
  if (sample != next_) return;
  const std::size_t index = list_.case_of(sample);
  if (sample == list_.begin(index)) labelled_.assign(static_cast<std::size_t>(planes(index)), 0);
  for (std::size_t i = 0; i < counts.size(); ++i)
    labelled_[static_cast<std::size_t>(begin) + i] += static_cast<std::int64_t>(counts[i]);
  ++next_;
  if (next_ < list_.end(index)) return;
  const auto most = std::ranges::max_element(labelled_);
  places_.resize(index + 1, 0);
  places_[index] = *most == 0 ? planes(index) / 2 : most - labelled_.begin();
}

// Counts in a plane of a sample, in all channels of its target.
std::int64_t SlicePlaces::labelled_in(std::int64_t row, std::span<const float> target) const {
  const std::size_t rank = target_.rank();
  const std::int64_t plane = target_[rank - 2] * target_[rank - 1], depth = target_[rank - 3];
  const std::int64_t channels = std::ssize(target) / (depth * plane);
  std::int64_t count = 0;
  for (std::int64_t channel = 0; channel < channels; ++channel) {
    const float* labels = target.data() + (channel * depth + row) * plane;
    count += std::count_if(labels, labels + plane,
                           [this](float label) { return label > 0 && label != ignored_; });
  }
  return count;
}

std::int64_t SlicePlaces::place(std::size_t index) const {
  return has_labels_ && index < places_.size() ? places_[index] : planes(index) / 2;
}

}  // namespace lucid
