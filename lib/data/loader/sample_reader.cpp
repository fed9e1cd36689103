#include "data/loader/sample_reader.h"

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
  if (augmentation_ == nullptr) {
    set_.read(epoch, index, sample, target);
    return normalization_.apply(sample, sample_shape_[0]);
  }
  read_into(epoch, index, scratch, target);
  Rng rng(seed_, "augment/" + std::to_string(epoch) + "/" + std::to_string(index));
  augmentation_->apply(scratch, rng);
  assert(scratch.volume.values.size() == sample.size());
  std::ranges::copy(scratch.volume.values, sample.begin());
  if (augments_labels_) std::ranges::copy(scratch.labels.values, target.begin());
}

// Reads the target into the scratch memory if it is augmented, else to its place in the batch.
void SampleReader::read_into(std::int64_t epoch, std::size_t index, AugmentedSample& scratch,
                             std::span<float> target) const {
  Grid &volume = scratch.volume, &labels = scratch.labels;
  const Shape shape = set_.sample_shape();
  volume.channels = shape[0];
  volume.extents = labels.extents = {shape[1], shape[2], shape[3]};
  volume.resize();
  labels.channels = 0;
  if (augments_labels_) {
    const Shape stored = set_.target_shape();
    labels.channels = stored.rank() == 4 ? stored[0] : 1;
    labels.interpolation = set_.target_type() == TargetType::kIntegers ? Interpolation::kNearest
                                                                       : Interpolation::kLinear;
    labels.resize();
  }
  set_.read(epoch, index, volume.values, augments_labels_ ? labels.values : target);
  normalization_.apply(volume.values, volume.channels);
}

}  // namespace lucid
