#pragma once
// Private to this room.

#include "kernels/small_volume/geometry.h"

namespace lucid::small_volume {

// The floats of so many samples as they are packed.
std::int64_t packed_floats(const Tensor& tensor, std::int64_t lanes, std::int64_t rows);

// Packs samples from `first` on, as (block, voxel, row, lane): rows that are multiplied by the same
// weights are neighbours, where the distance of samples is often a power of two.
void pack_samples(const Kernels& kernels, const Tensor& tensor, const void* from,
                  std::int64_t first, std::int64_t rows, float* to);

}  // namespace lucid::small_volume
