#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "data/volumes/volume_stacks.h"

namespace lucid {

// A volume that patches are cut out of, and the part of it that they come from.
struct PatchVolume {
  const VolumeStacks* stacks;
  std::size_t sample;  // of the stacks
  Box region;

  const Stack& named() const { return stacks->target ? *stacks->target : stacks->first(); }
  std::string place() const;  // "a.h5: /labels, sample 3"
  // Of what it is now: its file, and when that was written, its datasets, its sample.
  std::string identity() const;
};

// Volumes of any sizes that have the same channels and kind of target; read through a cache, which
// must outlive them.
class PatchVolumes {
 public:
  // Throws Error(kData).
  PatchVolumes(const VolumesConfig& config, const std::vector<std::filesystem::path>& files,
               ChunkCache& cache);

  std::span<const PatchVolume> all() const { return volumes_; }
  std::int64_t channels() const { return stacks_.front().volume_shape()[0]; }
  const Stack* target() const { return stacks_.front().target.get(); }  // of the first; may be null
  bool has_voxel_targets() const;  // of the volume's size; else one a volume
  bool has_mask() const { return stacks_.front().mask != nullptr; }

 private:
  void add(VolumeStacks stacks, const VolumesConfig& config);

  std::vector<VolumeStacks> stacks_;
  std::vector<PatchVolume> volumes_;
};

// Throws Error(kUsage), naming both, where a volume of one set is one of the other and their
// regions meet.
void check_apart(const PatchVolumes& train, const PatchVolumes& validation);

}  // namespace lucid
