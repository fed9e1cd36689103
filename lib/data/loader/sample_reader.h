#pragma once

#include <cstdint>
#include <span>

#include "data/augment/augmentation.h"
#include "data/statistics/normalization.h"

namespace lucid {

// Samples of a set as a network gets them: normalised, then augmented. One may be used by several
// threads, each with an AugmentedSample of its own.
class SampleReader {
 public:
  // The set and the augmentation, which may be null, must outlive the reader.
  SampleReader(const Dataset& set, Normalization normalization, const Augmentation* augmentation,
               std::uint64_t seed);

  const Shape& sample_shape() const { return sample_shape_; }
  std::size_t target_count() const { return target_count_; }  // 0: there are none

  // The same for the same (seed, epoch, index), whatever was read before.
  void read(std::int64_t epoch, std::size_t index, AugmentedSample& scratch,
            std::span<float> sample, std::span<float> target) const;

 private:
  void read_into(std::int64_t epoch, std::size_t index, AugmentedSample& scratch,
                 std::span<float> target) const;

  const Dataset& set_;
  const Normalization normalization_;
  const Augmentation* const augmentation_;
  const std::uint64_t seed_;
  const bool augments_labels_;
  const Shape sample_shape_;
  const std::size_t target_count_;
};

}  // namespace lucid
