#include "data/resample/interpolate.h"

#include <algorithm>
#include <array>
#include <vector>

#include "kernels/simd/clones.h"

namespace lucid {
namespace {

// Four sums at a time, so that a sum need not wait for the one before.
LUCID_CLONED(float, weighted_sum, (const float* weights, const float* values, std::size_t count),
             (weights, values, count)) {
  std::array<float, 4> sums{};
  std::size_t i = 0;
  for (; i + 4 <= count; i += 4)
    for (std::size_t lane = 0; lane < 4; ++lane) sums[lane] += weights[i + lane] * values[i + lane];
  for (; i < count; ++i) sums[0] += weights[i] * values[i];
  return sums[0] + sums[1] + (sums[2] + sums[3]);
}

LUCID_CLONED(void, add_scaled, (float weight, const float* from, float* sums, std::size_t count),
             (weight, from, sums, count)) {
  for (std::size_t i = 0; i < count; ++i) sums[i] += weight * from[i];
}

// One row, read from a row of the source that begins with voxel `begin`.
void interpolate_row(const VoxelTaps& w, std::int64_t first, std::int64_t begin, const float* from,
                     std::span<float> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::int64_t at = first + static_cast<std::int64_t>(i);
    const std::span<const float> weights = w.weights(at);
    const float* const values = from + (w.first(at) - begin);
    out[i] = weights.size() == 1 ? values[0] : weighted_sum(weights.data(), values, weights.size());
  }
}

// The label among up to eight neighbours that weighs most.
class Vote {
 public:
  void add(float label, float weight) {
    for (std::size_t i = 0; i < count_; ++i)
      if (labels_[i] == label) {
        weights_[i] += weight;
        return;
      }
    labels_[count_] = label;
    weights_[count_++] = weight;
  }
  float winner() const {
    std::size_t best = 0;
    for (std::size_t i = 1; i < count_; ++i)
      if (weights_[i] > weights_[best] ||
          (weights_[i] == weights_[best] && labels_[i] > labels_[best]))
        best = i;
    return labels_[best];
  }

 private:
  std::array<float, 8> labels_, weights_;
  std::size_t count_ = 0;
};

}  // namespace

void combine_planes(std::span<const float> weights, std::span<const float* const> planes,
                    std::span<float> out) {
  if (weights.size() == 1) {
    std::copy_n(planes[0], out.size(), out.begin());
    return;
  }
  std::ranges::fill(out, 0.0F);
  for (std::size_t k = 0; k < weights.size(); ++k)
    add_scaled(weights[k], planes[k], out.data(), out.size());
}

void interpolate_plane(const PlanePart& plane, std::span<const float> in, std::span<float> out) {
  const auto width = static_cast<std::size_t>(plane.part.size[2]);
  const std::size_t rows = in.size() / static_cast<std::size_t>(plane.width);
  thread_local std::vector<float> narrowed;
  narrowed.resize(rows * width);
  for (std::size_t row = 0; row < rows; ++row)
    interpolate_row(plane.w, plane.part.begin[2], plane.columns_begin,
                    in.data() + row * static_cast<std::size_t>(plane.width),
                    std::span(narrowed).subspan(row * width, width));
  std::vector<const float*> from;
  for (std::int64_t y = 0; y < plane.part.size[1]; ++y) {
    const std::int64_t at = plane.part.begin[1] + y;
    const std::span<const float> weights = plane.h.weights(at);
    from.clear();
    for (std::size_t k = 0; k < weights.size(); ++k)
      from.push_back(narrowed.data() +
                     (static_cast<std::size_t>(plane.h.first(at) - plane.rows_begin) + k) * width);
    combine_planes(weights, from, out.subspan(static_cast<std::size_t>(y) * width, width));
  }
}

void interpolate_values(const std::array<VoxelTaps, 3>& taps, const Box& of,
                        std::span<const float> stored, const Box& part, std::span<float> out) {
  const auto stored_plane = static_cast<std::size_t>(of.size[1] * of.size[2]),
             plane = static_cast<std::size_t>(part.size[1] * part.size[2]);
  thread_local std::vector<float> planes;
  planes.resize(static_cast<std::size_t>(of.size[0]) * plane);
  const PlanePart in_plane{taps[1], taps[2], part, of.begin[1], of.begin[2], of.size[2]};
  for (std::size_t z = 0; z < static_cast<std::size_t>(of.size[0]); ++z)
    interpolate_plane(in_plane, stored.subspan(z * stored_plane, stored_plane),
                      std::span(planes).subspan(z * plane, plane));
  std::vector<const float*> from;
  for (std::int64_t z = 0; z < part.size[0]; ++z) {
    const std::int64_t at = part.begin[0] + z;
    const std::span<const float> weights = taps[0].weights(at);
    from.clear();
    for (std::size_t k = 0; k < weights.size(); ++k)
      from.push_back(planes.data() +
                     (static_cast<std::size_t>(taps[0].first(at) - of.begin[0]) + k) * plane);
    combine_planes(weights, from, out.subspan(static_cast<std::size_t>(z) * plane, plane));
  }
}

void interpolate_labels(const std::array<VoxelTaps, 3>& taps, const Box& of,
                        std::span<const float> stored, const Box& part, std::span<float> out) {
  float* to = out.data();
  for (std::int64_t z = part.begin[0]; z < part.end(0); ++z)
    for (std::int64_t y = part.begin[1]; y < part.end(1); ++y) {
      const std::span<const float> deep = taps[0].weights(z), high = taps[1].weights(y);
      // The rows that this one is made of.
      std::array<const float*, 4> rows;
      std::array<float, 4> shares;
      std::size_t count = 0;
      for (std::size_t i = 0; i < deep.size(); ++i)
        for (std::size_t j = 0; j < high.size(); ++j, ++count) {
          const std::int64_t row =
              (taps[0].first(z) - of.begin[0] + static_cast<std::int64_t>(i)) * of.size[1] +
              taps[1].first(y) - of.begin[1] + static_cast<std::int64_t>(j);
          rows[count] = stored.data() + row * of.size[2];
          shares[count] = deep[i] * high[j];
        }
      for (std::int64_t x = part.begin[2]; x < part.end(2); ++x) {
        const std::span<const float> wide = taps[2].weights(x);
        const auto at = static_cast<std::size_t>(taps[2].first(x) - of.begin[2]);
        bool is_one = true;
        const float label = rows[0][at];
        for (std::size_t row = 0; row < count; ++row)
          for (std::size_t k = 0; k < wide.size(); ++k) is_one &= rows[row][at + k] == label;
        if (is_one) {
          *to++ = label;
          continue;
        }
        Vote vote;
        for (std::size_t row = 0; row < count; ++row)
          for (std::size_t k = 0; k < wide.size(); ++k)
            vote.add(rows[row][at + k], shares[row] * wide[k]);
        *to++ = vote.winner();
      }
    }
}

}  // namespace lucid
