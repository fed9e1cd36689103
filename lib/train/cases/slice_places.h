#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "train/cases/case_list.h"

namespace lucid {

// The plane along d that pictures show of each case, the same in each epoch: that with the most
// voxels of labels above 0, the first of equal ones. Where there are no labels of voxels, or only
// 0, it is the middle one. Planes are counted in voxels of the targets.
class SlicePlaces {
 public:
  // The list must outlive the places. `ignored` is a label that is not counted.
  SlicePlaces(const CaseList& list, const Dataset& set, std::optional<std::int64_t> ignored);

  // Takes the targets of all samples in their order; from the second time on they are known.
  void count(std::size_t sample, std::span<const float> target);
  // Call it behind the last sample.
  std::int64_t place(std::size_t index) const;
  std::int64_t planes(std::size_t index) const;  // of the case

 private:
  void count_plane(const CaseList::Part& part, std::int64_t d, std::span<const float> target);

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
