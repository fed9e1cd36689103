#include "folds/fold_cases.h"

#include <algorithm>
#include <cassert>
#include <map>

#include "base/text.h"
#include "data/volumes/case_choice.h"

namespace lucid {
namespace {

// Opens the volumes of a file, and closes it.
std::vector<VolumeStacks> closed_stacks(const std::string& path, const VolumesConfig& volumes) {
  const hdf5::File file(path);
  std::vector<VolumeStacks> opened = open_stacks(file, volumes);
  for (VolumeStacks& stacks : opened)
    for (Stack* stack : stacks.all()) stack->close();
  return opened;
}

}  // namespace

FoldCases::FoldCases(const VolumesConfig& volumes) {
  std::map<const Stack*, std::string> names_in_files;
  for (const std::string& path : volumes.files) {
    std::vector<VolumeStacks> opened = closed_stacks(path, volumes);
    choose_cases({}, opened);
    for (VolumeStacks& stacks : opened) {
      names_in_files[&stacks.first()] = stacks.name;
      stacks_.push_back(std::move(stacks));
    }
  }
  choose_cases(volumes.cases, stacks_);
  for (const VolumeStacks& stacks : stacks_) {
    const std::string& in_file = names_in_files.at(&stacks.first());
    for (std::size_t sample = 0; sample < stacks.samples(); ++sample) {
      const std::string name = stacks.case_name(sample);
      cases_.push_back({name, in_file + name.substr(stacks.name.size()), &stacks, sample});
    }
  }
  std::ranges::sort(cases_, {}, &FoldCase::name);
  const auto same = std::ranges::adjacent_find(cases_, {}, &FoldCase::name);
  if (same != cases_.end())
    throw Error(ExitCode::kUsage, std::next(same)->stacks->first().place() +
                                      ": expected cases of different names, found another " +
                                      in_quotes(same->name) + " in " +
                                      same->stacks->first().place());
}

std::vector<std::string> FoldCases::names() const {
  std::vector<std::string> names;
  for (const FoldCase& each : cases_) names.push_back(each.name);
  return names;
}

const FoldCase& FoldCases::named(const std::string& name) const {
  const auto found = std::ranges::lower_bound(cases_, name, {}, &FoldCase::name);
  assert(found != cases_.end() && found->name == name);
  return *found;
}

VoxelSize FoldCases::median_size(const GridConfig& grid) const {
  std::vector<VoxelSize> sizes;
  for (const VolumeStacks& stacks : stacks_)
    sizes.insert(sizes.end(), stacks.samples(), known_voxel_size(stacks, grid));
  return median_voxel_size(std::move(sizes));
}

}  // namespace lucid
