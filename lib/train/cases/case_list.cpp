#include "train/cases/case_list.h"

#include <algorithm>

namespace lucid {
namespace {

Box moved(Box box, const Triple& by) {
  for (std::size_t axis = 0; axis < 3; ++axis) box.begin[axis] -= by[axis];
  return box;
}

}  // namespace

CaseList::CaseList(const Dataset& set, const PatchSet* patches)
    : set_(set), patches_(patches), origins_(set.origins()) {
  read_begins();
  std::size_t end = 0;
  for (const SampleOrigin& origin : origins_) ends_.push_back(end += origin.end - origin.begin);
}

void CaseList::read_begins() {
  if (patches_ == nullptr) return;
  const std::size_t volumes = patches_->volumes().all().size();
  std::size_t sample = 0;
  for (std::size_t volume = 0; volume < volumes; ++volume) {
    begins_.push_back(sample);
    while (sample < set_.size() && patches_->sampler().patch(0, sample).volume == volume) ++sample;
  }
  begins_.push_back(sample);
}

std::size_t CaseList::case_of(std::size_t sample) const {
  if (patches_ == nullptr) return sample;
  return static_cast<std::size_t>(std::ranges::upper_bound(begins_, sample) - begins_.begin()) - 1;
}

std::string CaseList::name(std::size_t index) const {
  if (ends_.empty()) return "sample_" + std::to_string(index);
  const auto at = static_cast<std::size_t>(std::ranges::upper_bound(ends_, index) - ends_.begin());
  const SampleOrigin& origin = origins_[at];
  const std::size_t first = at == 0 ? 0 : ends_[at - 1];
  return origin.is_numbered ? origin.name + "_" + std::to_string(origin.begin + index - first)
                            : origin.name;
}

CaseList::Part CaseList::part(std::size_t sample) const {
  if (patches_ != nullptr) {
    const Patch patch = patches_->sampler().patch(0, sample);
    const Box& region = patches_->volumes().all()[patch.volume].region;
    return {moved(patch.window, region.begin), moved(overlap(patch.counted, region), region.begin)};
  }
  const Box whole{{0, 0, 0}, extents(sample)};
  return {whole, whole};
}

Triple CaseList::extents(std::size_t index) const {
  if (patches_ != nullptr) return patches_->volumes().all()[index].region.size;
  const Shape shape = set_.sample_shape();
  return {shape[1], shape[2], shape[3]};
}

}  // namespace lucid
