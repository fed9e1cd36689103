#pragma once

#include <string>
#include <vector>

#include "data/patch/set.h"

namespace lucid {

// The cases of a set, in the order of its samples: volumes where the samples are patches of
// volumes, else the samples themselves.
class CaseList {
 public:
  // `patches` is the set if it is one of patches, else null. Both must outlive the list.
  CaseList(const Dataset& set, const PatchSet* patches);

  std::size_t size() const { return patches_ == nullptr ? set_.size() : begins_.size() - 1; }
  bool is_of_patches() const { return patches_ != nullptr; }
  std::size_t case_of(std::size_t sample) const;
  // The samples of a case are those from begin to end; none if a mask leaves nothing of it.
  std::size_t begin(std::size_t index) const {
    return patches_ == nullptr ? index : begins_[index];
  }
  std::size_t end(std::size_t index) const { return begin(index + 1); }

  // "case_004", as choose_cases() names it, with the number of the sample where there are several.
  std::string name(std::size_t index) const;

  // Where a sample's voxels lie within its case, and which of them count there.
  struct Part {
    Box window, counted;
  };
  Part part(std::size_t sample) const;
  Triple extents(std::size_t index) const;  // of the case in voxels of the inputs

 private:
  void read_begins();

  const Dataset& set_;
  const PatchSet* patches_;
  std::vector<std::size_t> begins_;  // of each volume of patches, and the end
  std::vector<SampleOrigin> origins_;
  std::vector<std::size_t> ends_;  // of each origin, in cases
};

}  // namespace lucid
