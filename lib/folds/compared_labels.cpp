#include "folds/compared_labels.h"

#include <algorithm>

namespace lucid {
namespace {

constexpr std::int64_t kSlabVoxels = std::int64_t{1} << 23;

Box counted_region(const Triple& extents, const std::optional<Ranges>& roi) {
  Box region{{0, 0, 0}, extents};
  for (std::size_t axis = 0; axis < 3 && roi; ++axis) {
    region.begin[axis] = roi->begin[axis];
    region.size[axis] = (roi->end[axis] < 0 ? extents[axis] : roi->end[axis]) - region.begin[axis];
  }
  return region;
}

}  // namespace

ComparedLabels::ComparedLabels(const FoldCase& from, LabelPlanes& prediction,
                               const Counted& counted)
    : extents_(from.stacks->target->extents()),
      counted_(counted),
      region_(counted_region(extents_, counted.roi)),
      values_(from.stacks->target.get(), from.sample, counted.threads),
      mask_(from.stacks->mask.get(), from.sample, counted.threads),
      has_mask_(from.stacks->mask != nullptr),
      labels_(static_cast<std::size_t>(extents_[1] * extents_[2])),
      are_counted_(labels_.size()),
      prediction_(*this, prediction),
      truth_(*this) {}

std::span<const float> ComparedLabels::Slabs::plane(std::int64_t d) {
  const Triple extents = stack_->extents();
  const std::int64_t voxels = extents[1] * extents[2];
  if (d < begin_ || d >= end_) {
    begin_ = d;
    end_ = std::min(extents[0], d + std::max<std::int64_t>(kSlabVoxels / voxels, 1));
    values_.resize(static_cast<std::size_t>((end_ - begin_) * voxels));
    stack_->read(sample_, {{begin_, 0, 0}, {end_ - begin_, extents[1], extents[2]}}, values_,
                 threads_);
  }
  return std::span<const float>(values_).subspan(static_cast<std::size_t>((d - begin_) * voxels),
                                                 static_cast<std::size_t>(voxels));
}

bool ComparedLabels::is_counted(std::int64_t h, std::int64_t w, float label) const {
  const bool is_ignored = counted_.ignored && label == static_cast<float>(*counted_.ignored);
  return !is_ignored && h >= region_.begin[1] && h < region_.end(1) && w >= region_.begin[2] &&
         w < region_.end(2);
}

void ComparedLabels::read_next_truth() {
  const std::int64_t d = next_++;
  const std::span<const float> stored = values_.plane(d);
  const bool is_within = d >= region_.begin[0] && d < region_.end(0);
  std::span<const float> valid;
  if (has_mask_) valid = mask_.plane(d);
  for (std::size_t i = 0; i < stored.size(); ++i) {
    const std::int64_t h = static_cast<std::int64_t>(i) / extents_[2],
                       w = static_cast<std::int64_t>(i) % extents_[2];
    are_counted_[i] = is_within && is_counted(h, w, stored[i]) && (!has_mask_ || valid[i] != 0);
    labels_[i] = are_counted_[i] ? static_cast<Label>(stored[i]) : 0;
  }
}

void ComparedLabels::Prediction::rewind() {
  from_.rewind();
  labels_.next_ = 0;
}

void ComparedLabels::Prediction::read(std::span<Label> plane) {
  labels_.read_next_truth();
  from_.read(plane);
  for (std::size_t i = 0; i < plane.size(); ++i)
    if (!labels_.are_counted_[i]) plane[i] = 0;
}

void ComparedLabels::Truth::read(std::span<Label> plane) {
  std::ranges::copy(labels_.labels_, plane.begin());
}

}  // namespace lucid
