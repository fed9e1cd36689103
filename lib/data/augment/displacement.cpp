#include "data/augment/displacement.h"

#include <algorithm>

#include "kernels/elementwise/add_scaled.h"

namespace lucid {
namespace {

constexpr std::int64_t kOrder = 3;

}  // namespace

double control_spacing(std::int64_t points, std::int64_t extent) {
  return static_cast<double>(extent - 1) / static_cast<double>(points - kOrder);
}

void Displacement::reset(const Triple& counts) {
  counts_ = counts;
  points_.assign(static_cast<std::size_t>(3 * counts[0] * counts[1] * counts[2]), 0.F);
}

std::vector<Displacement::Weights> Displacement::weights_along(std::int64_t points,
                                                               std::int64_t extent,
                                                               std::int64_t origin,
                                                               std::int64_t size) {
  const double spacing = control_spacing(points, extent);
  std::vector<Weights> weights;
  for (std::int64_t i = origin; i < origin + size; ++i) {
    const double place = spacing > 0 ? static_cast<double>(i) / spacing : 0;
    const std::int64_t span = std::min(static_cast<std::int64_t>(place), points - kOrder - 1);
    const double t = place - static_cast<double>(span), s = 1 - t;
    weights.push_back({static_cast<std::size_t>(span),
                       {static_cast<float>(s * s * s / 6),
                        static_cast<float>((3 * t * t * t - 6 * t * t + 4) / 6),
                        static_cast<float>((3 * s * s * s - 6 * s * s + 4) / 6),
                        static_cast<float>(t * t * t / 6)}});
  }
  return weights;
}

void Displacement::prepare(const Triple& extents, const Triple& origin, const Triple& size) {
  along_d_ = weights_along(counts_[0], extents[0], origin[0], size[0]);
  along_h_ = weights_along(counts_[1], extents[1], origin[1], size[1]);
  const auto along_w = weights_along(counts_[2], extents[2], origin[2], size[2]);
  width_ = along_w.size();
  along_w_.assign(static_cast<std::size_t>(counts_[2]) * width_, 0.F);
  for (std::size_t i = 0; i < width_; ++i)
    for (std::size_t k = 0; k < 4; ++k)
      along_w_[(along_w[i].first + k) * width_ + i] = along_w[i].of[k];
}

void Displacement::choose_slab(std::int64_t d) {
  const Weights& weights = along_d_[static_cast<std::size_t>(d)];
  const auto points = static_cast<std::size_t>(counts_[1] * counts_[2]);
  slab_.assign(3 * points, 0.F);
  for (std::size_t axis = 0; axis < 3; ++axis)
    for (std::size_t k = 0; k < 4; ++k) {
      const std::size_t slab = axis * static_cast<std::size_t>(counts_[0]) + weights.first + k;
      add_scaled(points, weights.of[k], points_.data() + slab * points,
                 slab_.data() + axis * points);
    }
}

const float* Displacement::row(std::int64_t h) {
  const Weights& weights = along_h_[static_cast<std::size_t>(h)];
  const auto points = static_cast<std::size_t>(counts_[2]);
  row_.assign(3 * width_, 0.F);
  for (std::size_t axis = 0; axis < 3; ++axis) {
    line_.assign(points, 0.F);
    for (std::size_t k = 0; k < 4; ++k) {
      const std::size_t line = axis * static_cast<std::size_t>(counts_[1]) + weights.first + k;
      add_scaled(points, weights.of[k], slab_.data() + line * points, line_.data());
    }
    for (std::size_t point = 0; point < points; ++point)
      add_scaled(width_, line_[point], along_w_.data() + point * width_,
                 row_.data() + axis * width_);
  }
  return row_.data();
}

}  // namespace lucid
