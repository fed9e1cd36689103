#include "kernels/small_volume/gradient.h"

#include <algorithm>

#include "kernels/small_volume/packing.h"
#include "tensor/parallel.h"

namespace lucid::small_volume {
namespace {

// A plane of x of one block of channels stays in a core's second cache while it is multiplied by
// all blocks of y through all taps.
constexpr std::int64_t kPlaneFloats = 65'536;
constexpr std::int64_t kFewestRows = 8, kMostRows = 64;
// Sums of so many products are added to the others at a time: short sums keep more digits.
constexpr std::int64_t kMostProducts = 1024;

}  // namespace

WeightGradient::WeightGradient(const Geometry& geometry, const Kernels& kernels, int threads)
    : g_(geometry), kernels_(&kernels), threads_(threads) {
  vectors_ = std::min<std::int64_t>(kernels.gradients->vectors, output_blocks());
  const std::int64_t of_plane = g_.x.volume[1] * g_.x.volume[2] * g_.lanes;
  rows_ = std::min(g_.samples, std::clamp(kPlaneFloats / of_plane, kFewestRows, kMostRows));
  planes_ = std::max<std::int64_t>(1, kMostProducts / (g_.y.volume[1] * g_.y.volume[2] * rows_));
}

std::int64_t WeightGradient::workspace_floats() const {
  constexpr std::int64_t kFloatsOfDouble = 2;
  return packed_floats(g_.x, g_.lanes, rows_) + packed_floats(g_.y, g_.lanes, rows_) +
         kFloatsOfDouble * output_blocks() * g_.lanes;
}

void WeightGradient::run(const void* x, const void* dy, float* dw, float* sums,
                         float* workspace) const {
  float* const packed_y = workspace + packed_floats(g_.x, g_.lanes, rows_);
  auto* const totals = reinterpret_cast<double*>(packed_y + packed_floats(g_.y, g_.lanes, rows_));
  const std::int64_t outputs = output_blocks() * g_.lanes;
  const std::int64_t groups = (output_blocks() + vectors_ - 1) / vectors_;
  const std::int64_t items = g_.kernel[0] * input_blocks() * groups;
  const std::int64_t workers = std::min<std::int64_t>(threads_, items);
  std::fill_n(totals, outputs, 0.);
  for (std::int64_t sample = 0; sample < g_.samples; sample += rows_) {
    const std::int64_t rows = std::min(rows_, g_.samples - sample);
    pack_samples(*kernels_, g_.x, x, sample, rows, workspace);
    pack_samples(*kernels_, g_.y, dy, sample, rows, packed_y);
    Part part{rows, {}, workspace, packed_y, false};
    if (sums != nullptr) add_sums(part, totals);
    parallel_for(workers, [&](std::int64_t worker) {
      Part own = part;
      for (std::int64_t plane = 0; plane < g_.y.volume[0]; plane += planes_) {
        own.planes = {plane, std::min(planes_, g_.y.volume[0] - plane)};
        own.is_first = sample == 0 && plane == 0;
        multiply(own, items * worker / workers, items * (worker + 1) / workers, dw);
      }
    });
  }
  if (sums != nullptr)
    std::transform(totals, totals + outputs, sums,
                   [](double sum) { return static_cast<float>(sum); });
}

void WeightGradient::multiply(const Part& part, std::int64_t first, std::int64_t end,
                              float* dw) const {
  const std::int64_t groups = (output_blocks() + vectors_ - 1) / vectors_;
  for (std::int64_t item = first; item < end; ++item)
    multiply_item(part, item / groups / input_blocks(), item / groups % input_blocks(),
                  item % groups * vectors_, dw);
}

void WeightGradient::multiply_item(const Part& part, std::int64_t depth, std::int64_t input,
                                   std::int64_t output, float* dw) const {
  const std::int64_t of_row = part.rows * g_.lanes, of_taps = g_.kernel[1] * g_.kernel[2];
  const std::int64_t vectors = std::min(vectors_, output_blocks() - output);
  const GradientKernel* kernel = kernels_->gradients;
  while (kernel->vectors != vectors) ++kernel;
  for (std::int64_t tap = 0; tap < of_taps; ++tap) {
    GradientProducts p = products_of(part, {depth, tap / g_.kernel[2], tap % g_.kernel[2]});
    p.x += input * g_.x.voxels() * of_row;
    p.dy += output * g_.y.voxels() * of_row;
    p.sums = dw + (output * input_blocks() + input) * g_.block_floats() +
             (depth * of_taps + tap) * g_.tap_floats();
    for (std::int64_t lane = 0; lane < g_.lanes; lane += kernel->inputs) {
      kernel->run(p);
      p.x += kernel->inputs;
      p.sums += kernel->inputs * g_.lanes;
    }
  }
}

GradientProducts WeightGradient::products_of(const Part& part, const Triple& tap) const {
  GradientProducts p{};
  p.x = part.x;
  p.dy = part.dy;
  p.rows = part.rows;
  p.dy_vector = g_.y.voxels() * part.rows * g_.lanes;
  p.sum_vector = input_blocks() * g_.block_floats();
  p.adds = !part.is_first;
  std::int64_t of_x = part.rows * g_.lanes, of_y = of_x;
  for (std::size_t axis = kAxes; axis-- > 0;) {
    Span span = g_.outputs_of_tap(axis, tap[axis]);
    if (axis == 0) {
      const std::int64_t end =
          std::min(span.first + span.count, part.planes.first + part.planes.count);
      span.first = std::max(span.first, part.planes.first);
      span.count = std::max<std::int64_t>(0, end - span.first);
    }
    p.voxels[axis] = span.count;
    p.x_step[axis] = g_.stride[axis] * of_x;
    p.dy_step[axis] = of_y;
    if (span.count > 0) {
      p.x += (span.first * g_.stride[axis] + tap[axis] - g_.padding[axis]) * of_x;
      p.dy += span.first * of_y;
    }
    of_x *= g_.x.volume[axis];
    of_y *= g_.y.volume[axis];
  }
  return p;
}

void WeightGradient::add_sums(const Part& part, double* sums) const {
  const std::int64_t lanes = g_.lanes, rows = g_.y.voxels() * part.rows;
  parallel_for(output_blocks(), [&](std::int64_t block) {
    const float* dy = part.dy + block * rows * lanes;
    for (std::int64_t row = 0; row < rows; ++row)
      for (std::int64_t lane = 0; lane < lanes; ++lane)
        sums[block * lanes + lane] += static_cast<double>(dy[row * lanes + lane]);
  });
}

}  // namespace lucid::small_volume
