#include "infer/window/slab_sums.h"

#include <algorithm>
#include <cassert>

#include "kernels/simd/clones.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

LUCID_CLONED(void, add_row,
             (std::int64_t count, const float* weights, float factor, const float* from,
              float* sums),
             (count, weights, factor, from, sums)) {
  for (std::int64_t i = 0; i < count; ++i) sums[i] += factor * weights[i] * from[i];
}

// Reads from[0], from[-1], ...
LUCID_CLONED(void, add_row_backwards,
             (std::int64_t count, const float* weights, float factor, const float* from,
              float* sums),
             (count, weights, factor, from, sums)) {
  for (std::int64_t i = 0; i < count; ++i) sums[i] += factor * weights[i] * from[-i];
}

// The part of a window along one axis that has a weight and lies in the volume.
struct Extent {
  Extent(const AxisWindows& axis, const WindowWeights& of, std::size_t i, bool is_turned)
      : in_volume(axis.begin(i)),
        begin(std::max(of.begin, -in_volume)),
        end(std::min(of.end, axis.extent - in_volume)),
        weights(of.weights.data() + (begin - of.begin)),
        last_of_window(axis.window - 1),
        turned(is_turned) {}

  float weight(std::int64_t at) const { return weights[at - begin]; }
  std::int64_t in_prediction(std::int64_t at) const { return turned ? last_of_window - at : at; }

  std::int64_t in_volume, begin, end;
  const float* weights;  // from `begin`
  std::int64_t last_of_window;
  bool turned;
};

}  // namespace

SlabSums::SlabSums(const WindowGrid& grid, std::int64_t channels, std::int64_t planes)
    : grid_(grid),
      channels_(channels),
      plane_size_(static_cast<std::size_t>(channels * grid.axes[1].extent * grid.axes[2].extent)),
      sums_(plane_size_ * static_cast<std::size_t>(planes)) {}

void SlabSums::add(const WindowPlace& place, const Flips& flips, float share,
                   std::span<const float> prediction) {
  const auto extent = [&](std::size_t axis) {
    return Extent(grid_.axes[axis], grid_.weights[axis][place[axis]], place[axis], flips[axis]);
  };
  const Extent d = extent(0), h = extent(1), w = extent(2);
  const std::int64_t height = grid_.axes[1].extent, width = grid_.axes[2].extent;
  const std::int64_t rows = grid_.axes[1].window, row = grid_.axes[2].window;
  const std::int64_t begin = std::max(d.begin, first_ - d.in_volume);
  const std::int64_t depth = std::max<std::int64_t>(0, d.end - begin),
                     slice = grid_.axes[0].window * rows * row;
  parallel_for(depth * channels_, [&](std::int64_t i) {
    const std::int64_t z = begin + i / channels_, c = i % channels_;
    const std::int64_t plane = d.in_volume + z - first_;
    const float* from = prediction.data() + c * slice + d.in_prediction(z) * rows * row;
    float* to = sums_.data() + (plane * channels_ + c) * height * width;
    for (std::int64_t y = h.begin; y < h.end; ++y) {
      const float factor = share * d.weight(z) * h.weight(y);
      const float* from_row = from + h.in_prediction(y) * row + w.in_prediction(w.begin);
      float* to_row = to + (h.in_volume + y) * width + w.in_volume + w.begin;
      (w.turned ? add_row_backwards : add_row)(w.end - w.begin, w.weights, factor, from_row,
                                               to_row);
    }
  });
}

std::span<float> SlabSums::planes(std::int64_t begin, std::int64_t end) {
  assert(begin >= first_ && begin <= end);
  return std::span(sums_).subspan(static_cast<std::size_t>(begin - first_) * plane_size_,
                                  static_cast<std::size_t>(end - begin) * plane_size_);
}

void SlabSums::drop_before(std::int64_t plane) {
  const auto dropped = static_cast<std::ptrdiff_t>(
      std::min(static_cast<std::size_t>(plane - first_) * plane_size_, sums_.size()));
  std::move(sums_.begin() + dropped, sums_.end(), sums_.begin());
  std::fill(sums_.end() - dropped, sums_.end(), 0.F);
  first_ = plane;
}

void SlabSums::restore(std::int64_t first, std::span<const float> planes) {
  assert(planes.size() <= sums_.size());
  first_ = first;
  std::ranges::fill(std::ranges::copy(planes, sums_.begin()).out, sums_.end(), 0.F);
}

}  // namespace lucid
