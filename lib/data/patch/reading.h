#pragma once

#include <optional>
#include <span>

#include "data/patch/config.h"
#include "data/patch/volumes.h"
#include "data/statistics/normalization.h"

namespace lucid {

// A window over a volume, which may hang over its region where that is smaller.
struct Patch {
  std::size_t volume;  // which of the set's
  Box window;
  Box counted;  // the voxels whose targets are the patch's own
};

// Channels one behind the other, normalised; constant padding is 0 behind the normalisation. Reads
// nothing beyond the region.
void read_patch(const PatchVolume& volume, const Box& window, const Normalization& normalization,
                PatchPadding padding, std::span<float> out);

// The target of a patch. What is padded, not counted, or 0 in the mask is `ignored` where there is
// such a value; else padding is as that of the volume, and the rest as stored.
void read_patch_target(const PatchVolume& volume, const Patch& patch, PatchPadding padding,
                       std::optional<float> ignored, std::span<float> out);

}  // namespace lucid
