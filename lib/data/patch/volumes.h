#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "data/resample/volume_grid.h"
#include "data/statistics/measured_file.h"
#include "data/volumes/volume_stacks.h"

namespace lucid {

// A volume, and the grid that patches are cut from.
struct PatchVolume {
  const VolumeStacks* stacks;
  std::size_t sample;  // index in the stacks
  VolumeGrid grid;
  Box region;  // of the grid
  Box whole;   // the stored voxels that are measured, which those of the grid are a part of

  const Stack& named() const { return stacks->target ? *stacks->target : stacks->first(); }
  std::string place() const;        // "a.h5: /labels, sample 3"
  std::string input_place() const;  // "a.h5: /volumes, sample 3"
  // One behind the last voxel that the grid may have.
  Triple extents() const;
  // Returns a cache key: file, modification time, datasets and sample.
  std::string identity() const;

 private:
  std::string place_of(const Stack& stack) const;
};

// Returns whether a target has the axes of its volume.
bool has_voxels(const Stack& target);

// Volumes of any sizes with equal channels and kinds of target, read through a cache, which must
// outlive them.
class PatchVolumes {
 public:
  struct GridOptions {
    GridConfig config{};
    int threads = 1;                   // for reading whole volumes
    MeasuredFile* measured = nullptr;  // caches where volumes are not 0
  };

  // Throws Error(kData).
  PatchVolumes(const VolumesConfig& config, const std::vector<std::filesystem::path>& files,
               ChunkCache& cache)
      : PatchVolumes(config, files, cache, GridOptions{}) {}
  PatchVolumes(const VolumesConfig& config, const std::vector<std::filesystem::path>& files,
               ChunkCache& cache, const GridOptions& grid);

  // The config with the median of these volumes, if it asks for that.
  const GridConfig& grid() const { return grid_; }

  std::span<const PatchVolume> all() const { return volumes_; }
  std::int64_t channels() const { return stacks_.front().volume_shape()[0]; }
  const Stack* target() const {
    return stacks_.front().target.get();
  }                                // of the first volume; may be null
  bool has_voxel_targets() const;  // true: of the volume's size; false: one per volume
  bool has_mask() const { return stacks_.front().mask != nullptr; }

 private:
  void add(VolumeStacks stacks);
  void find_median();
  void add_volumes(const VolumeStacks& stacks, const VolumesConfig& config,
                   const GridOptions& options);
  std::size_t close_all();  // returns 0, the number of files that stay open

  GridConfig grid_;
  std::vector<VolumeStacks> stacks_;
  std::vector<PatchVolume> volumes_;
};

// Throws Error(kUsage) with both names if the sets share a volume and their regions overlap.
void check_apart(const PatchVolumes& train, const PatchVolumes& validation);

}  // namespace lucid
