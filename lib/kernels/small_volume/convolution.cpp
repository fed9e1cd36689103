#include "kernels/small_volume/convolution.h"

#include <algorithm>

#include "kernels/small_volume/packing.h"
#include "tensor/parallel.h"

namespace lucid::small_volume {
namespace {

std::int64_t most_rows(const Kernels& kernels, std::int64_t vectors) {
  std::int64_t most = 0;
  for (const ProductKernel* kernel = kernels.products; kernel->rows != 0; ++kernel)
    if (kernel->vectors == vectors) most = std::max<std::int64_t>(most, kernel->rows);
  return most;
}

}  // namespace

Convolution::Convolution(const Geometry& geometry, const Kernels& kernels, int threads,
                         Direction direction)
    : g_(geometry),
      kernels_(&kernels),
      direction_(direction),
      from_(is_back() ? g_.y : g_.x),
      to_(is_back() ? g_.x : g_.y) {
  const std::int64_t most = most_rows(kernels, vectors_);
  tiles_ = (g_.samples + most - 1) / most;
  workers_ = std::min<std::int64_t>(threads, chunks() * to_.voxels());
}

const ProductKernel& Convolution::kernel(std::int64_t rows, std::int64_t vectors) const {
  const ProductKernel* found = kernels_->products;
  while (found->rows != rows || found->vectors != vectors) ++found;
  return *found;
}

std::int64_t Convolution::sums_floats() const {
  return vectors_ * most_rows(*kernels_, vectors_) * g_.lanes;
}

std::int64_t Convolution::worker_floats() const {
  return sums_floats() + (is_back() ? vectors_ * read_blocks() * g_.block_floats() : 0);
}

std::int64_t Convolution::workspace_floats() const {
  return packed_floats(from_, g_.lanes, g_.samples) + workers_ * worker_floats();
}

void Convolution::run(const void* from, const float* weights, const Epilogue& epilogue, void* to,
                      float* workspace) const {
  pack_samples(*kernels_, from_, from, 0, g_.samples, workspace);
  float* const of_workers = workspace + packed_floats(from_, g_.lanes, g_.samples);
  const std::int64_t items = chunks() * to_.voxels();
  parallel_for(workers_, [&](std::int64_t worker) {
    compute(items * worker / workers_, items * (worker + 1) / workers_, workspace, weights,
            epilogue, to, of_workers + worker * worker_floats());
  });
}

void Convolution::compute(std::int64_t first, std::int64_t end, const float* packed,
                          const float* weights, const Epilogue& epilogue, void* to,
                          float* own) const {
  Weights of_chunk{};
  for (std::int64_t item = first; item < end; ++item) {
    const std::int64_t index = item / to_.voxels(), voxel = item % to_.voxels();
    const Chunk chunk = chunk_at(index);
    if (item == first || voxel == 0) of_chunk = weights_of(chunk, weights, own + sums_floats());
    Products p = products_at(voxel, packed, of_chunk);
    p.sums = own;
    compute_voxel(chunk, voxel, p, epilogue, to);
  }
}

Convolution::Chunk Convolution::chunk_at(std::int64_t index) const {
  const std::int64_t first = index * vectors_;
  return {first, std::min(vectors_, written_blocks() - first)};
}

// The gradient of x takes the weights' lanes the other way round: those of a chunk are transposed
// before its first voxel, and stay in a cache until its last one.
Convolution::Weights Convolution::weights_of(const Chunk& chunk, const float* weights,
                                             float* scratch) const {
  const std::int64_t of_block = g_.block_floats(), inputs = g_.x.blocks(g_.lanes);
  if (!is_back()) return {weights + chunk.first * inputs * of_block, of_block, inputs * of_block};
  const std::int64_t vector = read_blocks() * of_block;
  for (std::int64_t v = 0; v < chunk.vectors; ++v)
    for (std::int64_t block = 0; block < read_blocks(); ++block)
      kernels_->transpose(weights + (block * inputs + chunk.first + v) * of_block, g_.taps(),
                          scratch + v * vector + block * of_block);
  return {scratch, of_block, vector};
}

Products Convolution::products_at(std::int64_t voxel, const float* packed,
                                  const Weights& weights) const {
  Products p{};
  p.blocks = read_blocks();
  p.x_block = from_.voxels() * g_.samples * g_.lanes;
  p.weight_block = weights.block;
  p.weight_vector = weights.vector;
  p.x = packed;
  p.weights = weights.first;
  std::int64_t of_voxel = g_.samples * g_.lanes, of_tap = g_.tap_floats();
  for (std::size_t axis = kAxes; axis-- > 0;) {
    const std::int64_t at = voxel % to_.volume[axis];
    const Taps taps = is_back() ? g_.taps_of_input(axis, at) : g_.taps_of_output(axis, at);
    p.taps[axis] = taps.count;
    p.x += taps.count == 0 ? 0 : taps.voxel * of_voxel;
    p.weights += taps.count == 0 ? 0 : taps.tap * of_tap;
    p.x_step[axis] = taps.voxel_step * of_voxel;
    p.weight_step[axis] = taps.tap_step * of_tap;
    voxel /= to_.volume[axis];
    of_voxel *= from_.volume[axis];
    of_tap *= g_.kernel[axis];
  }
  return p;
}

void Convolution::compute_voxel(const Chunk& chunk, std::int64_t voxel, Products p,
                                const Epilogue& epilogue, void* to) const {
  const auto finish = kernels_->finish[static_cast<std::size_t>(to_.type)];
  const std::int64_t of_block = to_.voxels() * g_.lanes, of_sample = written_blocks() * of_block;
  for (std::int64_t tile = 0; tile < tiles_; ++tile) {
    const std::int64_t sample = g_.samples * tile / tiles_;
    const std::int64_t rows = g_.samples * (tile + 1) / tiles_ - sample;
    kernel(rows, chunk.vectors).run(p);
    p.x += rows * g_.lanes;
    for (std::int64_t v = 0; v < chunk.vectors; ++v) {
      const std::int64_t block = chunk.first + v;
      finish({p.sums + v * rows * g_.lanes, rows,
              epilogue.bias == nullptr ? nullptr : epilogue.bias + block * g_.lanes, epilogue.slope,
              element_at(to, to_.type, sample * of_sample + block * of_block + voxel * g_.lanes),
              of_sample});
    }
  }
}

}  // namespace lucid::small_volume
