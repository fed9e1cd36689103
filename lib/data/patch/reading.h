#pragma once
// Private to this room.

#include <optional>
#include <span>

#include "data/patch/config.h"
#include "data/patch/volumes.h"
#include "data/statistics/normalization.h"

namespace lucid {

// A window over a volume; it may extend beyond a smaller region.
struct Patch {
  std::size_t volume;  // index in the set
  Box window;
  Box counted;  // voxels whose targets belong to this patch
};

// Reads the normalized channels of a window; constant padding is 0 after normalization. Reads
// nothing outside of the region.
void read_patch(const PatchVolume& volume, const Box& window, const Normalization& normalization,
                PatchPadding padding, std::span<float> out);

// Reads the target of a patch. Padding, voxels that do not count and voxels with mask 0 become
// `ignored` if that is given; else padding is as in the volume and the rest as stored.
void read_patch_target(const PatchVolume& volume, const Patch& patch, PatchPadding padding,
                       std::optional<float> ignored, std::span<float> out);

}  // namespace lucid
