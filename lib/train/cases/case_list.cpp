#include "train/cases/case_list.h"

#include <algorithm>
#include <set>

namespace lucid {
namespace {

// The name of a file behind those of so many of the folders that it lies in.
std::string file_name(const std::filesystem::path& file, int folders) {
  std::string name = file.stem().string();
  std::filesystem::path folder = file.parent_path();
  for (int i = 0; i < folders && folder.has_filename(); ++i, folder = folder.parent_path())
    name = folder.filename().string() + "/" + name;
  return name;
}

// A file that is named as what the star of its dataset stands for says it once.
std::string origin_name(const SampleOrigin& origin, int folders) {
  const bool says_all = origin.star.empty() || origin.file.stem() == origin.star;
  return file_name(origin.file, folders) + (says_all ? "" : "_" + origin.star);
}

std::string numbered(const SampleOrigin& origin, const std::string& name, std::size_t sample) {
  return origin.is_numbered ? name + "_" + std::to_string(sample) : name;
}

Box moved(Box box, const Triple& by) {
  for (std::size_t axis = 0; axis < 3; ++axis) box.begin[axis] -= by[axis];
  return box;
}

}  // namespace

CaseList::CaseList(const Dataset& set, const PatchSet* patches) : set_(set), patches_(patches) {
  read_begins();
  read_names();
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

void CaseList::read_names() {
  constexpr int kMostFolders = 32;
  origins_ = set_.origins();
  std::size_t end = 0;
  for (const SampleOrigin& origin : origins_) ends_.push_back(end += origin.end - origin.begin);
  for (int folders = 0; folders < kMostFolders; ++folders) {
    names_.clear();
    std::set<std::string> seen;
    bool are_unique = true;
    for (const SampleOrigin& origin : origins_) {
      names_.push_back(origin_name(origin, folders));
      are_unique &= seen.insert(numbered(origin, names_.back(), origin.begin)).second;
    }
    if (are_unique) return;
  }
}

std::size_t CaseList::case_of(std::size_t sample) const {
  if (patches_ == nullptr) return sample;
  return static_cast<std::size_t>(std::ranges::upper_bound(begins_, sample) - begins_.begin()) - 1;
}

std::string CaseList::name(std::size_t index) const {
  if (ends_.empty()) return "sample_" + std::to_string(index);
  const auto at = static_cast<std::size_t>(std::ranges::upper_bound(ends_, index) - ends_.begin());
  const std::size_t first = at == 0 ? 0 : ends_[at - 1];
  return numbered(origins_[at], names_[at], origins_[at].begin + index - first);
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
