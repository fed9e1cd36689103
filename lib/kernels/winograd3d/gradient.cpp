#include "kernels/winograd3d/gradient.h"

#include <algorithm>

#include "kernels/elementwise/add_scaled.h"
#include "kernels/winograd3d/filter.h"
#include "kernels/winograd3d/inputs.h"
#include "tensor/parallel.h"

namespace lucid::winograd3d {
namespace {

// The transformed tensors of the tiles of a block stay in a core's second cache; fewer tiles
// would load and store the sums for too few products.
constexpr std::int64_t kCacheFloats = 200'000;
constexpr std::int64_t kFewestTiles = 24, kMostTiles = 40;
// The sums of so many blocks are added to the others at a time: short sums keep more digits.
constexpr std::int64_t kBlocksOfPart = 32;

std::int64_t in_lines(std::int64_t floats) { return (floats + 15) / 16 * 16; }

}  // namespace

WeightGradient::WeightGradient(const Geometry& geometry, const Kernels& kernels, int threads)
    : g_(geometry), kernels_(&kernels) {
  const std::int64_t most =
      std::clamp(kCacheFloats / (kElements * (g_.inputs + g_.outputs)), kFewestTiles, kMostTiles);
  workers_ = std::min<std::int64_t>(threads, (g_.tile_count() + most - 1) / most);
  const std::int64_t rounds = (g_.tile_count() + most * workers_ - 1) / (most * workers_);
  blocks_ = rounds * workers_;
  tiles_ = (g_.tile_count() + blocks_ - 1) / blocks_;
}

std::int64_t WeightGradient::worker_floats() const {
  constexpr std::int64_t kFloatsOfDouble = 2;
  return in_lines(kElements * (g_.input_element(tiles_) + g_.output_element(tiles_)) +
                  2 * weight_floats() + (1 + kFloatsOfDouble) * g_.outputs);
}

WeightGradient::Work WeightGradient::work(float* workspace, std::int64_t worker) const {
  Work work{};
  work.inputs = workspace + worker * worker_floats();
  work.gradients = work.inputs + kElements * g_.input_element(tiles_);
  work.total = work.gradients + kElements * g_.output_element(tiles_);
  work.part = work.total + weight_floats();
  work.bias = reinterpret_cast<double*>(work.part + weight_floats());
  work.sums = work.part + weight_floats() + 2 * g_.outputs;
  return work;
}

void WeightGradient::run(const void* x, const void* dy, float* dw, float* sums,
                         float* workspace) const {
  parallel_for(workers_,
               [&](std::int64_t worker) { sum_worker(worker, x, dy, work(workspace, worker)); });
  collect(dw, sums, workspace);
}

void WeightGradient::sum_worker(std::int64_t worker, const void* x, const void* dy,
                                const Work& work) const {
  std::fill_n(work.total, weight_floats(), 0.F);
  std::fill_n(work.bias, g_.outputs, 0.);
  const std::int64_t end = blocks_ / workers_ * (worker + 1);
  for (std::int64_t block = blocks_ / workers_ * worker; block < end; block += kBlocksOfPart) {
    std::fill_n(work.part, weight_floats(), 0.F);
    for (std::int64_t i = block; i < std::min(end, block + kBlocksOfPart); ++i) {
      const std::int64_t first = i * tiles_;
      if (first >= g_.tile_count()) break;
      transform(first, x, dy, work);
      multiply(std::min(tiles_, g_.tile_count() - first), work);
    }
    add_scaled(static_cast<std::size_t>(weight_floats()), 1, work.part, work.total);
  }
}

void WeightGradient::transform(std::int64_t first, const void* x, const void* dy,
                               const Work& work) const {
  std::fill_n(work.sums, g_.outputs, 0.F);
  const std::int64_t count = std::min(tiles_, g_.tile_count() - first);
  const auto transform_row = kernels_->transform_gradient[static_cast<std::size_t>(g_.output_type)];
  transform_inputs(g_, kernels_->transform_gradient_input[static_cast<std::size_t>(g_.input_type)],
                   first, count, tiles_, x, work.inputs);
  for (std::int64_t t = 0; t < count;) {
    const std::int64_t run = g_.tiles_of_row(first + t, count - t);
    const Geometry::Place at = g_.place(first + t);
    for (std::int64_t block = 0; block < g_.output_blocks(); ++block) {
      const void* from =
          element_at(dy, g_.output_type,
                     (at.sample * g_.output_blocks() + block) * g_.output_voxels() * g_.lanes);
      transform_row(g_.gradient_row(at, run, from),
                    work.gradients + (block * tiles_ + t) * g_.lanes, g_.output_element(tiles_),
                    work.sums + block * g_.lanes);
    }
    t += run;
  }
  for (std::int64_t i = 0; i < g_.outputs; ++i) work.bias[i] += static_cast<double>(work.sums[i]);
}

void WeightGradient::multiply(std::int64_t tiles, const Work& work) const {
  const std::int64_t of_block = g_.lanes * g_.lanes;
  for (std::int64_t element = 0; element < kElements; ++element) {
    float* sums = work.part + element * g_.weight_element();
    for (std::int64_t output = 0; output < g_.output_blocks(); ++output)
      for (std::int64_t input = 0; input < g_.input_blocks(); ++input, sums += of_block)
        kernels_->add_products(
            {work.inputs + element * g_.input_element(tiles_) + input * tiles_ * g_.lanes,
             work.gradients + element * g_.output_element(tiles_) + output * tiles_ * g_.lanes,
             tiles, sums});
  }
}

void WeightGradient::collect(float* dw, float* sums, float* workspace) const {
  const Work first = work(workspace, 0);
  constexpr std::int64_t kBlock = 1 << 14;
  parallel_blocks(weight_floats(), kBlock, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t worker = 1; worker < workers_; ++worker)
      add_scaled(static_cast<std::size_t>(end - begin), 1, work(workspace, worker).total + begin,
                 first.total + begin);
  });
  transform_filter_gradient(g_, first.total, dw);
  if (sums == nullptr) return;
  for (std::int64_t i = 0; i < g_.outputs; ++i) {
    double sum = 0;
    for (std::int64_t worker = 0; worker < workers_; ++worker)
      sum += work(workspace, worker).bias[i];
    sums[i] = static_cast<float>(sum);
  }
}

}  // namespace lucid::winograd3d
