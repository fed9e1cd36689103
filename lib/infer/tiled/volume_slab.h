#pragma once

#include <vector>

#include "data/chunks/chunked_array.h"
#include "data/statistics/normalization.h"
#include "data/volumes/volume_stacks.h"
#include "infer/window/slab_sums.h"

namespace lucid {

// The planes of a volume that windows of one depth read, as they are stored. Every plane is read
// once, and with it what its chunks hold, as far as that is no more than a window's depth.
class VolumeSlab {
 public:
  // All of these have to outlive it. Windows ask for the planes of one depth after the other.
  VolumeSlab(const VolumeStacks& stacks, std::size_t sample, const WindowGrid& grid,
             ChunkCache& cache);

  void read_for(std::size_t depth);  // of the grid's windows; all that gather() needs
  // A window as the network takes it: (C, D, H, W), normalised, turned around along `flips`.
  void gather(const WindowPlace& place, const Flips& flips, const Normalization& normalization,
              std::span<float> window) const;

  // What the slab of such a volume holds at most.
  static std::size_t bytes(const VolumeStacks& stacks, const AxisWindows& depth);

 private:
  struct Source {  // one of the volume's inputs: its channels follow on those of the one before
    ChunkedArray array;
    const Stack* stack;
    std::int64_t channels, first_channel;
    std::vector<std::byte> planes;  // (D, C, H, W)
    std::size_t plane_bytes() const;
  };

  void read_planes(Source& source, std::int64_t begin, std::int64_t end) const;

  std::size_t sample_;
  const WindowGrid& grid_;
  std::vector<Source> sources_;
  std::int64_t chunk_planes_ = 1;  // read at a time, from multiples of it; 1: all that is needed
  std::int64_t begin_ = 0, end_ = 0;
};

}  // namespace lucid
