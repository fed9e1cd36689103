#pragma once

#include <string>
#include <vector>

#include "data/resample/volume_grid.h"

namespace lucid {

// A case of a training set: a volume.
struct FoldCase {
  std::string name;          // in the set
  std::string name_in_file;  // among those of its file alone
  const VolumeStacks* stacks;
  std::size_t sample;  // in the stacks
};

// The cases of a training set. Their files are opened once, and again to read voxels.
class FoldCases {
 public:
  // Throws Error if a file cannot be read, or two cases have the same name.
  explicit FoldCases(const VolumesConfig& volumes);

  const std::vector<FoldCase>& all() const { return cases_; }  // sorted by name
  std::vector<std::string> names() const;
  const FoldCase& named(const std::string& name) const;  // which there is
  // The median over all cases. Throws Error(kData) if a voxel size is not known.
  VoxelSize median_size(const GridConfig& grid) const;

 private:
  std::vector<VolumeStacks> stacks_;
  std::vector<FoldCase> cases_;
};

}  // namespace lucid
