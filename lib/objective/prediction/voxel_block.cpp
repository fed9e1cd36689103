#include "objective/prediction/voxel_block.h"

#include "kernels/simd/exponential.h"
#include "kernels/simd/logarithm.h"

namespace lucid {

LUCID_CLONES void find_largest(const VoxelBlock& block, PerVoxel& largest) {
  std::copy_n(block.prediction, block.voxels, largest.begin());
  const auto voxels = static_cast<std::size_t>(block.voxels);
  for (std::int64_t c = 1; c < block.classes; ++c) {
    const float* row = block.prediction + c * block.stride;
    for (std::size_t v = 0; v < voxels; ++v) largest[v] = row[v] > largest[v] ? row[v] : largest[v];
  }
}

LUCID_CLONES void find_winners(const VoxelBlock& block, PerVoxel& winner) {
  PerVoxel best;
  const auto voxels = static_cast<std::size_t>(block.voxels);
  std::copy_n(block.prediction, block.voxels, best.begin());
  std::fill_n(winner.begin(), voxels, 0.F);
  for (std::int64_t c = 1; c < block.classes; ++c) {
    const float* row = block.prediction + c * block.stride;
    const auto number = static_cast<float>(c);
    // Two loops, since GCC turns a single select into vector code, not a pair of them.
    for (std::size_t v = 0; v < voxels; ++v) winner[v] = row[v] > best[v] ? number : winner[v];
    for (std::size_t v = 0; v < voxels; ++v) best[v] = row[v] > best[v] ? row[v] : best[v];
  }
}

LUCID_CLONES void add_powers(const VoxelBlock& block, const PerVoxel& largest, PerVoxel& sum) {
  PerVoxel unwanted;
  const auto voxels = static_cast<std::size_t>(block.voxels);
  std::fill_n(sum.begin(), voxels, 0.F);
  for (std::int64_t c = 0; c < block.classes; ++c) {
    const float* row = block.prediction + c * block.stride;
    float* powers = block.gradient == nullptr ? unwanted.data() : block.gradient + c * block.stride;
    for (std::size_t v = 0; v < voxels; ++v) powers[v] = exp_of_negative(row[v] - largest[v]);
    for (std::size_t v = 0; v < voxels; ++v) sum[v] += powers[v];
  }
}

LUCID_CLONES void find_logs(std::int64_t voxels, const PerVoxel& sum, PerVoxel& logs) {
#pragma omp simd
  for (std::size_t v = 0; v < static_cast<std::size_t>(voxels); ++v)
    logs[v] = log_of(sum[v]) + (sum[v] - sum[v]);
}

}  // namespace lucid
