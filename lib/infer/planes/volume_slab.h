#pragma once

#include <memory>
#include <vector>

#include "data/patch/config.h"
#include "data/resample/volume_grid.h"
#include "infer/planes/resampled_planes.h"
#include "infer/window/slab_sums.h"

namespace lucid {

// A volume as the network sees it: its voxels are of the grid, and normalized.
struct SeenVolume {
  const VolumeStacks& stacks;
  std::size_t sample;
  const VolumeGrid& voxels;
  const Normalization& normalization;
  PatchPadding padding = PatchPadding::kReflect;  // around a volume smaller than a window
};

// Holds the planes of a volume that the windows of one depth index read: in their stored type, or
// resampled. Every plane is read once, together with the rest of its chunks unless those are deeper
// than a window.
class VolumeSlab {
 public:
  // What the arguments refer to must outlive the slab. Depth indices must be read in ascending
  // order.
  VolumeSlab(const SeenVolume& volume, const WindowGrid& grid, ChunkCache& cache);

  // Reads all that gather() needs for the windows of this depth index.
  void read_for(std::size_t depth);
  // Copies a window as the network takes it: (C, D, H, W), normalised and flipped along `flips`.
  void gather(const WindowPlace& place, const Flips& flips, std::span<float> window) const;

  // The largest memory that the slab of such a volume takes.
  static std::size_t bytes(const VolumeStacks& stacks, const VolumeGrid& voxels,
                           const AxisWindows& depth);

 private:
  // One of the volume's inputs. Its channels follow those of the input before.
  struct Source {
    std::unique_ptr<InputPlanes> stored;
    std::unique_ptr<ResampledPlanes> resampled;  // null if voxels are as stored
    std::int64_t first_channel;
    ElementType element;  // of the planes
    std::size_t plane_bytes;
    std::vector<std::byte> planes;  // (D, C, H, W)
  };

  void add_source(const SeenVolume& volume, const Stack& stack, std::int64_t first_channel,
                  ChunkCache& cache);
  void read_planes(Source& source, std::int64_t begin, std::int64_t end) const;

  const WindowGrid& grid_;
  const Normalization& normalization_;
  const PatchPadding padding_;
  std::vector<Source> sources_;
  // Planes are read in multiples of this; 1 means exactly the planes that are needed.
  std::int64_t chunk_planes_ = 1;
  std::int64_t begin_ = 0, end_ = 0;
};

}  // namespace lucid
