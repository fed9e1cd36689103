#pragma once
// Private to this room.

#include <optional>
#include <vector>

#include "data/chunks/chunked_array.h"
#include "data/statistics/normalization.h"
#include "data/volumes/volume_stacks.h"
#include "infer/window/slab_sums.h"

namespace lucid {

// Holds the planes of a volume that the windows of one depth index read, in their stored type.
// Every plane is read once, together with the rest of its chunks unless those are deeper than a
// window.
class VolumeSlab {
 public:
  // The arguments must outlive the slab. Depth indices must be read in ascending order.
  VolumeSlab(const VolumeStacks& stacks, std::size_t sample, const WindowGrid& grid,
             ChunkCache& cache);

  // Reads all that gather() needs for the windows of this depth index.
  void read_for(std::size_t depth);
  // Copies a window as the network takes it: (C, D, H, W), normalised and flipped along `flips`.
  void gather(const WindowPlace& place, const Flips& flips, const Normalization& normalization,
              std::span<float> window) const;

  // The largest memory that the slab of such a volume takes.
  static std::size_t bytes(const VolumeStacks& stacks, const AxisWindows& depth);

 private:
  // One of the volume's inputs. Its channels follow those of the input before.
  struct Source {
    std::optional<ChunkedArray> array;  // none if the stack has a source of its own
    const Stack* stack;
    ElementType element;
    std::int64_t channels, first_channel;
    std::vector<std::byte> planes;  // (D, C, H, W)
    std::size_t plane_bytes() const;
  };

  void read_planes(Source& source, std::int64_t begin, std::int64_t end) const;

  std::size_t sample_;
  const WindowGrid& grid_;
  std::vector<Source> sources_;
  // Planes are read in multiples of this; 1 means exactly the planes that are needed.
  std::int64_t chunk_planes_ = 1;
  std::int64_t begin_ = 0, end_ = 0;
};

}  // namespace lucid
