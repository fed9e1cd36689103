#include "data/augment/rows.h"

#include <algorithm>

#include "kernels/elementwise/add_scaled.h"
#include "kernels/simd/clones.h"

namespace lucid {
namespace {

LUCID_CLONED(void, place_along, (std::size_t width, float begin, float step, float* places),
             (width, begin, step, places)) {
  for (std::size_t i = 0; i < width; ++i)
    places[i] = begin + step * static_cast<float>(static_cast<std::int32_t>(i));
}

float clamped(float x, float high) {
  const float positive = x > 0.F ? x : 0.F;
  return positive < high ? positive : high;
}

// Weights of 1 within the grid fall to 0 one voxel beyond its edge, like those of grid_sample.
LUCID_CLONED(void, split_linear,
             (std::size_t width, float last, float last_low, const float* places, std::int32_t* low,
              float* fraction, float* cover),
             (width, last, last_low, places, low, fraction, cover)) {
  for (std::size_t i = 0; i < width; ++i) {
    const float place = clamped(places[i], last);
    const auto whole = static_cast<std::int32_t>(place < last_low ? place : last_low);
    const float beyond = places[i] > place ? places[i] - place : place - places[i];
    low[i] = whole;
    fraction[i] = place - static_cast<float>(whole);
    cover[i] *= beyond < 1.F ? 1.F - beyond : 0.F;
  }
}

LUCID_CLONED(void, split_nearest,
             (std::size_t width, float last, const float* places, std::int32_t* low, float* cover),
             (width, last, places, low, cover)) {
  for (std::size_t i = 0; i < width; ++i) {
    const float place = clamped(places[i], last);
    const float beyond = places[i] > place ? places[i] - place : place - places[i];
    low[i] = static_cast<std::int32_t>(place + 0.5F);
    cover[i] = beyond > 0.5F ? 0.F : cover[i];
  }
}

// Strides to the neighbours; 0 along an axis of one voxel, which is its own neighbour.
struct Neighbours {
  std::int64_t d, h, w;
};

LUCID_CLONED(void, interpolate_linear,
             (std::size_t width, const float* grid, const Triple& strides, const Neighbours& next,
              const std::int32_t* low, const float* fraction, float* out),
             (width, grid, strides, next, low, fraction, out)) {
  const std::int32_t *d = low, *h = low + width, *w = low + 2 * width;
  const float *fd = fraction, *fh = fraction + width, *fw = fraction + 2 * width;
  for (std::size_t i = 0; i < width; ++i) {
    const float* at = grid + d[i] * strides[0] + h[i] * strides[1] + w[i];
    const float* below = at + next.d;
    // The other form, a + f * (b - a), does not give b at f = 1.
    const float u = fw[i], v = fh[i], t = fd[i];
    const float a = at[0] * (1 - u) + at[next.w] * u;
    const float b = at[next.h] * (1 - u) + at[next.h + next.w] * u;
    const float p = below[0] * (1 - u) + below[next.w] * u;
    const float q = below[next.h] * (1 - u) + below[next.h + next.w] * u;
    out[i] = (a * (1 - v) + b * v) * (1 - t) + (p * (1 - v) + q * v) * t;
  }
}

void pick_nearest(std::size_t width, const float* grid, const Triple& strides,
                  const std::int32_t* low, float* out) {
  const std::int32_t *d = low, *h = low + width, *w = low + 2 * width;
  for (std::size_t i = 0; i < width; ++i)
    out[i] = grid[d[i] * strides[0] + h[i] * strides[1] + w[i]];
}

LUCID_CLONED(void, blend, (std::size_t width, float fill, const float* cover, float* out),
             (width, fill, cover, out)) {
  for (std::size_t i = 0; i < width; ++i) out[i] = out[i] * cover[i] + fill * (1 - cover[i]);
}

}  // namespace

RowSampler::RowSampler(std::int64_t width)
    : width_(static_cast<std::size_t>(width)),
      places_(3 * width_),
      low_(3 * width_),
      fraction_(3 * width_),
      cover_(width_) {}

void RowSampler::place(const AffineMap& map, const Triple& begin, const float* displacement) {
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const auto& row = map.matrix[axis];
    double first = map.offset[axis];
    for (std::size_t k = 0; k < 3; ++k) first += row[k] * static_cast<double>(begin[k]);
    float* places = places_.data() + axis * width_;
    place_along(width_, static_cast<float>(first), static_cast<float>(row[2]), places);
    if (displacement == nullptr) continue;
    for (std::size_t k = 0; k < 3; ++k)
      add_scaled(width_, static_cast<float>(row[k]), displacement + k * width_, places);
  }
}

void RowSampler::sample(const Grid& grid, std::optional<float> fill, float* out,
                        std::int64_t stride) {
  const bool is_linear = grid.interpolation == Interpolation::kLinear;
  const Triple& extents = grid.extents;
  std::ranges::fill(cover_, 1.F);
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const float* places = places_.data() + axis * width_;
    std::int32_t* low = low_.data() + axis * width_;
    const auto last = static_cast<float>(extents[axis] - 1);
    if (is_linear)
      split_linear(width_, last, std::max(last - 1, 0.F), places, low,
                   fraction_.data() + axis * width_, cover_.data());
    else
      split_nearest(width_, last, places, low, cover_.data());
  }
  const Triple strides{extents[1] * extents[2], extents[2], 1};
  const auto step = [&](std::size_t axis) { return extents[axis] > 1 ? strides[axis] : 0; };
  for (std::int64_t c = 0; c < grid.channels; ++c, out += stride) {
    const float* channel = grid.values.data() + c * grid.voxels();
    if (is_linear)
      interpolate_linear(width_, channel, strides, {step(0), step(1), step(2)}, low_.data(),
                         fraction_.data(), out);
    else
      pick_nearest(width_, channel, strides, low_.data(), out);
    if (fill) blend(width_, *fill, cover_.data(), out);
  }
}

}  // namespace lucid
