#include "objective/cross_entropy_block.h"

#include <cmath>
#include <numeric>

namespace lucid {
namespace {

// The gradient holds the powers, whose sums are `sum`, when this begins.
void turn_into_gradient(const VoxelBlock& block, const CrossEntropyTerms& terms,
                        const PerVoxel& sum, double scale) {
  const double share = scale * terms.smoothing / static_cast<double>(block.classes);
  const double all = terms.weight.empty()
                         ? static_cast<double>(block.classes)
                         : std::accumulate(terms.weight.begin(), terms.weight.end(), 0.0);
  const auto hit = static_cast<float>(scale * (1 - terms.smoothing));
  const auto miss = static_cast<float>(share * all);
  const auto voxels = static_cast<std::size_t>(block.voxels);
  PerVoxel factor, counts;
  for (std::size_t v = 0; v < voxels; ++v) {
    counts[v] = terms.is_ignored(block.target[v]) ? 0.F : 1.F;
    const auto label = static_cast<std::int64_t>(counts[v] * block.target[v]);
    factor[v] = counts[v] * (hit * terms.weight_of(label) + miss) / sum[v];
  }
  for (std::int64_t c = 0; c < block.classes; ++c) {
    float* row = block.gradient + c * block.stride;
    const auto smooth = static_cast<float>(share * terms.weight_of(c));
    for (std::size_t v = 0; v < voxels; ++v) row[v] = row[v] * factor[v] - smooth * counts[v];
  }
  for (std::size_t v = 0; v < voxels; ++v) {
    if (counts[v] == 0) continue;
    const auto label = static_cast<std::int64_t>(block.target[v]);
    block.gradient[label * block.stride + static_cast<std::int64_t>(v)] -=
        hit * terms.weight_of(label);
  }
}

}  // namespace

double add_losses(const VoxelBlock& block, const CrossEntropyTerms& terms, const PerVoxel& largest,
                  const PerVoxel& sum) {
  PerVoxel log_sum;
  const auto voxels = static_cast<std::size_t>(block.voxels);
  for (std::size_t v = 0; v < voxels; ++v) log_sum[v] = std::log(sum[v]);
  const auto surprise = [&](std::int64_t c, std::size_t v) {  // -log of the class's probability
    const float x = block.prediction[c * block.stride + static_cast<std::int64_t>(v)];
    return log_sum[v] - (x - largest[v]);
  };
  double loss = 0, smooth = 0;
  for (std::size_t v = 0; v < voxels; ++v) {
    if (terms.is_ignored(block.target[v])) continue;
    const auto label = static_cast<std::int64_t>(block.target[v]);
    loss += terms.weight_of(label) * surprise(label, v);
  }
  if (terms.smoothing == 0) return loss;
  for (std::int64_t c = 0; c < block.classes; ++c)
    for (std::size_t v = 0; v < voxels; ++v)
      if (!terms.is_ignored(block.target[v])) smooth += terms.weight_of(c) * surprise(c, v);
  return (1 - terms.smoothing) * loss +
         terms.smoothing / static_cast<double>(block.classes) * smooth;
}

double cross_entropy(const VoxelBlock& block, const CrossEntropyTerms& terms, double scale) {
  PerVoxel largest, sum;
  find_largest(block, largest);
  add_powers(block, largest, sum);
  const double loss = add_losses(block, terms, largest, sum);
  if (block.gradient != nullptr) turn_into_gradient(block, terms, sum, scale);
  return loss;
}

}  // namespace lucid
