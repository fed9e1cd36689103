#pragma once

#include <cstdint>
#include <span>

#include "data/loader/loader.h"

namespace lucid {

// Reads samples as a network receives them: normalized, then augmented. Threads may share a reader,
// each with its own AugmentedSample.
class SampleReader {
 public:
  // The set and the augmentation, which may be null, must outlive the reader.
  SampleReader(const Dataset& set, Normalization normalization, const LoaderOptions& options);

  const Shape& sample_shape() const { return sample_shape_; }
  std::size_t target_count() const { return target_count_; }  // 0: no targets

  // The result depends on (seed, epoch, index) alone. Throws Error on a value that the checks
  // refuse.
  void read(std::int64_t epoch, std::size_t index, AugmentedSample& scratch,
            std::span<float> sample, std::span<float> target) const;

 private:
  void read_into(std::int64_t epoch, std::size_t index, AugmentedSample& scratch,
                 std::span<float> target) const;
  void check(std::int64_t epoch, std::size_t index, std::span<const float> sample,
             std::span<const float> target) const;

  const Dataset& set_;
  const Normalization normalization_;
  const Augmentation* const augmentation_;
  const std::uint64_t seed_;
  const ValueChecks checks_;
  const bool augments_labels_;
  const Shape sample_shape_;
  const std::size_t target_count_;
};

}  // namespace lucid
