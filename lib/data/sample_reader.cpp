#include "data/sample_reader.h"

#include <algorithm>
#include <cassert>
#include <string>
#include <utility>

namespace lucid {
namespace {

const Augmentation* unless_empty(const Augmentation* augmentation) {
  return augmentation == nullptr || augmentation->is_empty() ? nullptr : augmentation;
}

}  // namespace

SampleReader::SampleReader(const Dataset& set, Normalization normalization,
                           const Augmentation* augmentation, std::uint64_t seed)
    : set_(set),
      normalization_(std::move(normalization)),
      augmentation_(unless_empty(augmentation)),
      seed_(seed),
      augments_labels_(augmentation_ != nullptr && augmentation_->moves_voxels() &&
                       set.has_targets() && has_voxel_targets(set)),
      sample_shape_(augmentation_ == nullptr ? set.sample_shape()
                                             : augmentation_->sample_shape(set)),
      target_count_(!set.has_targets()         ? 0
                    : augmentation_ == nullptr ? set.target_shape().count()
                                               : augmentation_->target_shape(set).count()) {}

void SampleReader::read(std::int64_t epoch, std::size_t index, AugmentedSample& scratch,
                        std::span<float> sample, std::span<float> target) const {
  if (target_count_ > 0 && !augments_labels_) set_.read_target(index, target);
  if (augmentation_ == nullptr) {
    set_.read_sample(index, sample);
    return normalization_.apply(sample, sample_shape_[0]);
  }
  read_into(index, scratch.volume, scratch.labels);
  Rng rng(seed_, "augment/" + std::to_string(epoch) + "/" + std::to_string(index));
  augmentation_->apply(scratch, rng);
  assert(scratch.volume.values.size() == sample.size());
  std::ranges::copy(scratch.volume.values, sample.begin());
  if (augments_labels_) std::ranges::copy(scratch.labels.values, target.begin());
}

void SampleReader::read_into(std::size_t index, Grid& volume, Grid& labels) const {
  const Shape shape = set_.sample_shape();
  volume.channels = shape[0];
  volume.extents = labels.extents = {shape[1], shape[2], shape[3]};
  volume.resize();
  set_.read_sample(index, volume.values);
  normalization_.apply(volume.values, volume.channels);
  labels.channels = 0;
  if (!augments_labels_) return;
  const Shape target = set_.target_shape();
  labels.channels = target.rank() == 4 ? target[0] : 1;
  labels.interpolation = set_.target_type() == TargetType::kIntegers ? Interpolation::kNearest
                                                                     : Interpolation::kLinear;
  labels.resize();
  set_.read_target(index, labels.values);
}

}  // namespace lucid
