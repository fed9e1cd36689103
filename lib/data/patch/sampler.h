#pragma once

#include <optional>
#include <vector>

#include "base/rng.h"
#include "data/patch/batch_places.h"
#include "data/patch/grid.h"
#include "data/patch/reading.h"
#include "data/patch/voxel_index.h"

namespace lucid {

// Chooses the patch of a sample, which depends on (seed, epoch, sample) alone, and on the batches
// if each of these has its share of foreground.
class PatchSampler {
 public:
  struct Options {
    PatchConfig patch{};
    std::uint64_t seed = 0;
    std::optional<std::int64_t> ignored{};  // a class that is not foreground
    // Counts a voxel in only one patch if windows of a grid overlap.
    bool counts_voxels_once = false;
    // As the loader makes them.
    std::size_t batch_size = 1;
    bool shuffle = true;
  };

  // The spans must outlive the sampler. `indexes` has one entry per volume if there is a mask or
  // foreground sampling.
  PatchSampler(std::span<const PatchVolume> volumes, std::span<const VoxelIndex> indexes,
               const Options& options);

  std::size_t size() const { return ends_.empty() ? 0 : ends_.back(); }  // samples per epoch
  Patch patch(std::int64_t epoch, std::size_t sample) const;

  // The volumes that have no foreground, if that is sampled, or no valid voxel.
  std::vector<std::size_t> without_foreground() const;
  std::vector<std::size_t> without_valid_voxels() const;

 private:
  bool is_ignored(std::int64_t label) const;
  PatchGrid grid(std::size_t volume) const;
  void add_samples(std::size_t volume);
  void keep_valid_windows(std::size_t volume, const PatchGrid& grid);
  void find_foreground(std::size_t volume);
  Patch grid_patch(std::size_t volume, std::size_t number) const;
  Box random_window(std::int64_t epoch, std::size_t sample, std::size_t volume) const;
  bool wants_foreground(std::int64_t epoch, std::size_t sample) const;
  Box around(std::size_t volume, const Triple& voxel) const;

  const std::span<const PatchVolume> volumes_;
  const std::span<const VoxelIndex> indexes_;
  const Options options_;
  std::vector<std::size_t> ends_;      // of each volume, in samples
  std::optional<BatchPlaces> places_;  // if foreground is sampled for each batch
  // Windows of the grid that hold a valid voxel, for each volume with a mask.
  std::vector<std::vector<std::size_t>> valid_windows_;
  std::vector<std::vector<std::int64_t>> foreground_;  // labels of each volume
};

}  // namespace lucid
