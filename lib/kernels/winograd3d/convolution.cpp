#include "kernels/winograd3d/convolution.h"

#include <algorithm>

#include "kernels/winograd3d/inputs.h"
#include "tensor/parallel.h"

namespace lucid::winograd3d {
namespace {

// The transformed tensors of the tiles that are computed at a time stay in a core's second cache
// besides the weights that pass by.
constexpr std::int64_t kCacheFloats = 180'000;
constexpr std::int64_t kFewestTiles = 24, kMostTiles = 56;
constexpr std::int64_t kVectorsOfChunk = 2;

// The largest kernel that divides the tiles, or null.
const ProductKernel* kernel_for(const Kernels& kernels, std::int64_t tiles, std::int64_t vectors) {
  const ProductKernel* best = nullptr;
  for (const ProductKernel* kernel = kernels.products; kernel->tiles != 0; ++kernel)
    if (kernel->vectors == vectors && tiles % kernel->tiles == 0 &&
        (best == nullptr || kernel->tiles > best->tiles))
      best = kernel;
  return best;
}

}  // namespace

Convolution::Convolution(const Geometry& geometry, const Kernels& kernels, int threads)
    : g_(geometry), kernels_(&kernels), workers_(threads) {
  const std::int64_t of_tile = kElements * g_.inputs + kOutputPlanes * kPlaneElements * g_.outputs;
  const std::int64_t most = std::clamp(kCacheFloats / of_tile, kFewestTiles, kMostTiles);
  std::int64_t least = 0;
  for (std::int64_t tiles = most; tiles > 0; --tiles) {
    const ProductKernel* single = kernel_for(kernels, tiles, 1);
    const ProductKernel* pair = kernel_for(kernels, tiles, kVectorsOfChunk);
    if (single == nullptr || pair == nullptr) continue;
    // Tiles beyond the last one are computed in vain, and small kernels load more for a product.
    const std::int64_t blocks = (g_.tile_count() + tiles - 1) / tiles;
    const std::int64_t rounds = (blocks + workers_ - 1) / workers_;
    const std::int64_t cost = rounds * (tiles * (pair->tiles + 1) * 64 / pair->tiles + 64);
    if (tiles_ != 0 && cost >= least) continue;
    least = cost;
    tiles_ = tiles;
    single_ = single;
    pair_ = pair;
  }
}

Convolution::Chunk Convolution::chunk_at(std::int64_t vector) const {
  const std::int64_t vectors = std::min(kVectorsOfChunk, g_.output_blocks() - vector);
  return {vectors, vectors == 1 ? single_ : pair_};
}

std::int64_t Convolution::worker_floats() const {
  return kElements * g_.input_element(tiles_) +
         kOutputPlanes * kPlaneElements * g_.output_element(tiles_) +
         kInputPlanes * kVectorsOfChunk * tiles_ * g_.lanes;
}

void Convolution::run(const void* x, const float* weights, const Outputs& to,
                      float* workspace) const {
  const std::int64_t blocks = (g_.tile_count() + tiles_ - 1) / tiles_;
  parallel_for(workers_, [&](std::int64_t worker) {
    float* own = workspace + worker * worker_floats();
    for (std::int64_t block = blocks * worker / workers_; block < blocks * (worker + 1) / workers_;
         ++block)
      compute_tiles(block * tiles_, x, weights, to, own);
  });
}

void Convolution::compute_tiles(std::int64_t first, const void* x, const float* weights,
                                const Outputs& to, float* workspace) const {
  float* sums = workspace + kElements * g_.input_element(tiles_);
  float* products = sums + kOutputPlanes * kPlaneElements * g_.output_element(tiles_);
  const auto transform = kernels_->transform_input[static_cast<std::size_t>(g_.input_type)];
  transform_inputs(g_, transform, first, std::min(tiles_, g_.tile_count() - first), tiles_, x,
                   workspace);
  multiply(workspace, weights, products, sums);
  if (to.is_pooled)
    pool_outputs(first, sums, to);
  else
    transform_outputs(first, sums, to);
}

void Convolution::multiply(const float* tiles, const float* weights, float* products,
                           float* sums) const {
  const std::int64_t lanes = g_.lanes, of_vector = tiles_ * lanes;
  for (std::int64_t i = 0; i < kPlaneElements; ++i)
    for (std::int64_t vector = 0; vector < g_.output_blocks();) {
      const Chunk chunk = chunk_at(vector);
      const std::int64_t of_chunk = chunk.vectors * of_vector;
      for (std::int64_t d = 0; d < kInputPlanes; ++d) {
        const std::int64_t element = i * kInputPlanes + d;
        Products p{tiles + element * g_.input_element(tiles_),
                   of_vector,
                   g_.used_inputs,
                   weights + element * g_.weight_element() + vector * lanes * g_.inputs,
                   products + d * of_chunk,
                   of_vector};
        for (std::int64_t t = 0; t < tiles_; t += chunk.kernel->tiles) {
          chunk.kernel->run(p);
          p.tiles += chunk.kernel->tiles * g_.lanes;
          p.sums += chunk.kernel->tiles * lanes;
        }
      }
      kernels_->add_planes(products, of_chunk, of_chunk,
                           sums + i * g_.output_element(tiles_) + vector * of_vector,
                           kPlaneElements * g_.output_element(tiles_), g_.output_element(tiles_));
      vector += chunk.vectors;
    }
}

void Convolution::transform_outputs(std::int64_t first, const float* sums,
                                    const Outputs& to) const {
  const Epilogue& epilogue = to.epilogue;
  const std::int64_t lanes = g_.lanes;
  const std::int64_t count = std::min(tiles_, g_.tile_count() - first);
  const auto transform = kernels_->transform_output[static_cast<std::size_t>(g_.output_type)];
  for (std::int64_t t = 0; t < count; ++t) {
    const Geometry::Place at = g_.place(first + t);
    for (std::int64_t block = 0; block < g_.output_blocks(); ++block) {
      const std::int64_t of_block =
          (at.sample * g_.output_blocks() + block) * g_.output_voxels() * lanes;
      const OutputTile tile = g_.output_tile(at, element_at(to.y, g_.output_type, of_block));
      transform(sums + (block * tiles_ + t) * lanes, kPlaneElements * g_.output_element(tiles_),
                g_.output_element(tiles_),
                epilogue.bias == nullptr ? nullptr : epilogue.bias + block * lanes, epilogue.slope,
                tile);
    }
  }
}

void Convolution::pool_outputs(std::int64_t first, const float* sums, const Outputs& to) const {
  const std::int64_t lanes = g_.lanes;
  const std::int64_t count = std::min(tiles_, g_.tile_count() - first);
  const auto pool = kernels_->pool_output[static_cast<std::size_t>(g_.output_type)];
  for (std::int64_t t = 0; t < count; ++t) {
    const Geometry::Place at = g_.place(first + t);
    for (std::int64_t block = 0; block < g_.output_blocks(); ++block) {
      const std::int64_t of_block =
          (at.sample * g_.output_blocks() + block) * g_.pooled_voxels() * lanes;
      pool(sums + (block * tiles_ + t) * lanes, kPlaneElements * g_.output_element(tiles_),
           g_.output_element(tiles_),
           to.epilogue.bias == nullptr ? nullptr : to.epilogue.bias + block * lanes,
           to.epilogue.slope,
           g_.pooled_tile(at, element_at(to.y, g_.output_type, of_block),
                          to.index == nullptr ? nullptr : to.index + of_block));
    }
  }
}

}  // namespace lucid::winograd3d
