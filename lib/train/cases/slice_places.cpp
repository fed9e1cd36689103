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

void SlicePlaces::count(std::size_t sample, std::span<const float> target) {
  if (!has_labels_ || sample != next_) return;
  const std::size_t index = list_.case_of(sample);
  if (sample == list_.begin(index)) labelled_.assign(static_cast<std::size_t>(planes(index)), 0);
  const CaseList::Part part = list_.part(sample);
  const std::int64_t end = are_patches_ ? part.counted.end(0) : planes(index);
  for (std::int64_t d = are_patches_ ? part.counted.begin[0] : 0; d < end; ++d)
    count_plane(part, d, target);
  ++next_;
  if (next_ < list_.end(index)) return;
  const auto most = std::ranges::max_element(labelled_);
  places_.resize(index + 1, 0);
  places_[index] = *most == 0 ? planes(index) / 2 : most - labelled_.begin();
}

// Adds the plane d of the case, which lies in the part, in all channels of the target.
void SlicePlaces::count_plane(const CaseList::Part& part, std::int64_t d,
                              std::span<const float> target) {
  const std::size_t rank = target_.rank();
  const std::int64_t plane = target_[rank - 2] * target_[rank - 1], depth = target_[rank - 3];
  const std::int64_t channels = std::ssize(target) / (depth * plane);
  const std::int64_t row = are_patches_ ? d - part.window.begin[0] : d;
  std::int64_t count = 0;
  for (std::int64_t channel = 0; channel < channels; ++channel) {
    const float* labels = target.data() + (channel * depth + row) * plane;
    count += std::count_if(labels, labels + plane,
                           [this](float label) { return label > 0 && label != ignored_; });
  }
  labelled_[static_cast<std::size_t>(d)] += count;
}

std::int64_t SlicePlaces::place(std::size_t index) const {
  return has_labels_ && index < places_.size() ? places_[index] : planes(index) / 2;
}

}  // namespace lucid
