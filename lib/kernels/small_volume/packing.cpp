#include "kernels/small_volume/packing.h"

#include <algorithm>

#include "tensor/parallel.h"

namespace lucid::small_volume {

std::int64_t packed_floats(const Tensor& tensor, std::int64_t lanes, std::int64_t rows) {
  return tensor.blocks(lanes) * tensor.voxels() * rows * lanes;
}

void pack_samples(const Kernels& kernels, const Tensor& tensor, const void* from,
                  std::int64_t first, std::int64_t rows, float* to) {
  constexpr std::int64_t kVoxels = 64;  // that a thread packs at a time
  const std::int64_t lanes = kernels.lanes, voxels = tensor.voxels();
  const std::int64_t blocks = tensor.blocks(lanes), parts = (voxels + kVoxels - 1) / kVoxels;
  const auto pack = kernels.pack[static_cast<std::size_t>(tensor.type)];
  parallel_for(blocks * parts, [&](std::int64_t i) {
    const std::int64_t block = i / parts, voxel = i % parts * kVoxels;
    pack({element_at(from, tensor.type, ((first * blocks + block) * voxels + voxel) * lanes),
          blocks * voxels * lanes, rows, std::min(kVoxels, voxels - voxel),
          std::min(lanes, tensor.channels - block * lanes),
          to + (block * voxels + voxel) * rows * lanes});
  });
}

}  // namespace lucid::small_volume
