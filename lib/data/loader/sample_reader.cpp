#include "data/loader/sample_reader.h"

#include <algorithm>
#include <cassert>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "kernels/simd/finite.h"

namespace lucid {
namespace {

const Augmentation* unless_empty(const Augmentation* augmentation) {
  return augmentation == nullptr || augmentation->is_empty() ? nullptr : augmentation;
}

// Stored values are finite here, and what was made of them is not.
[[noreturn]] void refuse_made(const Dataset& set, std::size_t index, const std::string& key) {
  throw Error(ExitCode::kDiverged, set.sample_place(index) +
                                       ": expected finite numbers, found others after " + key +
                                       ", though those of the file are finite");
}

}  // namespace

SampleReader::SampleReader(const Dataset& set, Normalization normalization,
                           const LoaderOptions& options)
    : set_(set),
      normalization_(std::move(normalization)),
      augmentation_(unless_empty(options.augmentation)),
      seed_(options.seed),
      checks_(options.checks),
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
    normalization_.apply(sample, sample_shape_[0]);
    return check(epoch, index, sample, target);
  }
  read_into(epoch, index, scratch, target);
  Rng rng(seed_, "augment/" + std::to_string(epoch) + "/" + std::to_string(index));
  augmentation_->apply(scratch, rng);
  assert(scratch.volume.values.size() == sample.size());
  std::ranges::copy(scratch.volume.values, sample.begin());
  if (augments_labels_) std::ranges::copy(scratch.labels.values, target.begin());
  if (checks_.are_samples_finite && !is_finite(sample))
    refuse_made(set_, index, "data.augmentation");
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
  const std::span<float> stored_target = augments_labels_ ? labels.values : target;
  set_.read(epoch, index, volume.values, stored_target);
  normalization_.apply(volume.values, volume.channels);
  check(epoch, index, volume.values, stored_target);
}

// Looks at the floats, which costs next to nothing, and only then at what is stored.
void SampleReader::check(std::int64_t epoch, std::size_t index, std::span<const float> sample,
                         std::span<const float> target) const {
  if (checks_.are_samples_finite && !is_finite(sample)) {
    if (const auto found = set_.find_refused(SamplePart::kInputs, epoch, index, {}))
      refuse(*found, {});
    refuse_made(set_, index, "data.normalize");
  }
  for (const ValueRule& rule : checks_.targets) {
    const std::size_t at = find_refused(target, rule);
    if (at == target.size()) continue;
    const auto found = set_.find_refused(SamplePart::kTarget, epoch, index, rule);
    refuse(found.value_or(StoredValue{set_.target_place(index), number_text(target[at])}), rule);
  }
}

}  // namespace lucid
