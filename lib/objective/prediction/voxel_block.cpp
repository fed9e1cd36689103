#include "objective/prediction/voxel_block.h"

#include "kernels/simd/exponential.h"
#include "kernels/simd/logarithm.h"

namespace lucid {

LUCID_CLONED(void, find_max, (const VoxelBlock& block, PerVoxel& max), (block, max)) {
  std::copy_n(block.prediction, block.voxels, max.begin());
  const auto voxels = static_cast<std::size_t>(block.voxels);
  for (std::int64_t c = 1; c < block.classes; ++c) {
    const float* row = block.prediction + c * block.stride;
    for (std::size_t v = 0; v < voxels; ++v) max[v] = row[v] > max[v] ? row[v] : max[v];
  }
}

LUCID_CLONED(void, find_argmax, (const VoxelBlock& block, PerVoxel& argmax), (block, argmax)) {
  PerVoxel best;
  const auto voxels = static_cast<std::size_t>(block.voxels);
  std::copy_n(block.prediction, block.voxels, best.begin());
  std::fill_n(argmax.begin(), voxels, 0.F);
  for (std::int64_t c = 1; c < block.classes; ++c) {
    const float* row = block.prediction + c * block.stride;
    const auto number = static_cast<float>(c);
    // There are two loops because GCC vectorizes a loop with one select, but not with two.
    for (std::size_t v = 0; v < voxels; ++v) argmax[v] = row[v] > best[v] ? number : argmax[v];
    for (std::size_t v = 0; v < voxels; ++v) best[v] = row[v] > best[v] ? row[v] : best[v];
  }
}

LUCID_CLONED(void, add_exponentials, (const VoxelBlock& block, const PerVoxel& max, PerVoxel& sum),
             (block, max, sum)) {
  PerVoxel unwanted;
  const auto voxels = static_cast<std::size_t>(block.voxels);
  std::fill_n(sum.begin(), voxels, 0.F);
  for (std::int64_t c = 0; c < block.classes; ++c) {
    const float* row = block.prediction + c * block.stride;
    float* exponentials =
        block.gradient == nullptr ? unwanted.data() : block.gradient + c * block.stride;
    for (std::size_t v = 0; v < voxels; ++v) exponentials[v] = exp_of_negative(row[v] - max[v]);
    for (std::size_t v = 0; v < voxels; ++v) sum[v] += exponentials[v];
  }
}

LUCID_CLONED(void, find_logs, (std::int64_t voxels, const PerVoxel& sum, PerVoxel& logs),
             (voxels, sum, logs)) {
#pragma omp simd
  for (std::size_t v = 0; v < static_cast<std::size_t>(voxels); ++v)
    logs[v] = log_of(sum[v]) + (sum[v] - sum[v]);
}

}  // namespace lucid
