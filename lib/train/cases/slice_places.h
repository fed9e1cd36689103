#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "train/cases/case_list.h"

namespace lucid {

// The plane along d that pictures show of each case, the same in each epoch: that with the most
// voxels of labels above 0, the first of equal ones. Where there are no labels of voxels, or only
// 0, it is the middle one. Planes are counted in voxels of the targets. Ranks that count some of
// the samples each tell the others, as numbers.
class SlicePlaces {
 public:
  // The list must outlive the places. `ignored` is a label that is not counted.
  SlicePlaces(const CaseList& list, const Dataset& set, std::optional<std::int64_t> ignored);

  // Appends what was counted in a sample: nothing where that is known.
  void measure(std::size_t sample, std::span<const float> target,
               std::vector<double>& numbers) const;
  // Adds what measure() appended, from the front of `numbers`, which it shortens. Takes all samples
  // in their order; from the second time on they are known.
  void take(std::size_t sample, std::span<const double>& numbers);
  // Call it behind the last sample.
  std::int64_t place(std::size_t index) const;
  std::int64_t planes(std::size_t index) const;  // of the case

 private:
  std::pair<std::int64_t, std::int64_t> planes_of(std::size_t sample) const;  // begin, end
  std::int64_t labelled_in(std::int64_t row, std::span<const float> target) const;

  const CaseList& list_;
  const bool are_patches_;
  const Shape target_;
  const bool has_labels_;
  const std::optional<float> ignored_;
  std::vector<std::int64_t> labelled_;  // voxels of each plane of the current case
  std::vector<std::int64_t> places_;    // of the cases so far
  std::size_t next_ = 0;                // sample
};

}  // namespace lucid
