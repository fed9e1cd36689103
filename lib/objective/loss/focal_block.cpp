#include "objective/loss/focal_block.h"

#include <cmath>

#include "kernels/simd/exponential.h"

namespace lucid {
namespace {

// Returns base^gamma, quickly for the usual exponents.
float power(float base, float gamma) {
  if (gamma == 2) return base * base;
  if (gamma == 1) return base;
  return std::pow(base, gamma);
}

// The loss of each voxel, from the probability p of its label's class and the weight `factor`.
struct FocalOfVoxels {
  PerVoxel log_p, factor, loss, slope;  // slope: d loss / d log(p)
};

template <class Power>
LUCID_INLINE void find_focal(std::int64_t voxels, float gamma, FocalOfVoxels& of,
                             const Power& power_of) {
  for (std::size_t v = 0; v < static_cast<std::size_t>(voxels); ++v) {
    const float p = exp_of_negative(of.log_p[v]), rest = 1 - p;
    const float damping = of.factor[v] * power_of(rest);
    // log(p) / (1 - p) tends to -1 where both vanish.
    const float ratio = rest > 0 ? of.log_p[v] / rest : -1.F;
    of.loss[v] = -damping * of.log_p[v];
    of.slope[v] = damping * (gamma * p * ratio - 1);
  }
}

LUCID_CLONED(void, find_square_focal, (std::int64_t voxels, FocalOfVoxels& of), (voxels, of)) {
  find_focal(voxels, 2.F, of, [](float base) LUCID_ALWAYS_INLINE { return base * base; });
}

// An ignored voxel gets factor = 0 and log_p = 0.
void look_up(const VoxelBlock& block, const FocalTerms& terms, const PerVoxel& largest,
             const PerVoxel& logs, FocalOfVoxels& of) {
  const auto alpha = static_cast<float>(terms.alpha.value_or(1));
  for (std::size_t v = 0; v < static_cast<std::size_t>(block.voxels); ++v) {
    of.log_p[v] = of.factor[v] = 0;
    if (terms.is_ignored(block.target[v])) continue;
    const auto label = static_cast<std::int64_t>(block.target[v]);
    const float x = block.prediction[label * block.stride + static_cast<std::int64_t>(v)];
    of.log_p[v] = x - largest[v] - logs[v];
    of.factor[v] = terms.weight_of(label) * (label == 0 && terms.alpha ? 1 - alpha : alpha);
  }
}

// d log(p) / dx is 1 - p for the label's class and -p for the others. The gradient holds p * sum at
// the start.
LUCID_CLONED(void, turn_into_gradient,
             (const VoxelBlock& block, float scale, const PerVoxel& slope, const PerVoxel& sum),
             (block, scale, slope, sum)) {
  PerVoxel fall;
  const auto voxels = static_cast<std::size_t>(block.voxels);
  for (std::size_t v = 0; v < voxels; ++v) fall[v] = -scale * slope[v] / sum[v];
  for (std::int64_t c = 0; c < block.classes; ++c) {
    float* row = block.gradient + c * block.stride;
    const auto label = static_cast<float>(c);
#pragma omp simd
    for (std::size_t v = 0; v < voxels; ++v)
      row[v] = row[v] * fall[v] + (block.target[v] == label ? scale * slope[v] : 0.F);
  }
}

}  // namespace

double focal_classes(const VoxelBlock& block, const FocalTerms& terms, double scale) {
  PerVoxel largest, sum, logs;
  FocalOfVoxels of;
  find_max(block, largest);
  add_exponentials(block, largest, sum);
  find_logs(block.voxels, sum, logs);
  look_up(block, terms, largest, logs, of);
  const auto gamma = static_cast<float>(terms.gamma);
  if (gamma == 2)  // the usual one, in vector code
    find_square_focal(block.voxels, of);
  else
    find_focal(block.voxels, gamma, of, [&](float base) { return power(base, gamma); });
  if (block.gradient != nullptr)
    turn_into_gradient(block, static_cast<float>(scale), of.slope, sum);
  return sum_over(block.voxels, [&](std::size_t v) { return of.loss[v]; });
}

namespace {

// The options of one channel's loss; `yes` and `no` are the factors of its targets.
struct ChannelTerms {
  float gamma, yes, no, ignored, scale;
};

template <class Power>
LUCID_INLINE double focal_of_channel(const VoxelBlock& block, const ChannelTerms& terms,
                                     const Power& power_of) {
  PerVoxel loss, unwanted;
  float* gradient = block.gradient == nullptr ? unwanted.data() : block.gradient;
  for (std::size_t v = 0; v < static_cast<std::size_t>(block.voxels); ++v) {
    const float x = block.prediction[v];
    const bool is_ignored = block.target[v] == terms.ignored;
    const float y = is_ignored ? 0.F : block.target[v];
    const float factor = is_ignored ? 0.F : terms.yes * y + terms.no * (1 - y);
    const float small = exp_of_negative(-magnitude(x));
    const float sigmoid = (x >= 0 ? 1.F : small) / (1 + small);
    const float cross_entropy = (1 - y) * x + log1p_of_share(small) + (x < 0 ? -x : 0.F);
    // The probability of the wrong class is sigmoid(x (1 - 2 y)), also for targets between 0 and 1.
    const float direction = 1 - 2 * y, z = x * direction, tiny = exp_of_negative(-magnitude(z));
    const float wrong = (z >= 0 ? 1.F : tiny) / (1 + tiny);
    const float right = (z >= 0 ? tiny : 1.F) / (1 + tiny);
    const float damping = factor * power_of(wrong);
    loss[v] = damping * cross_entropy;
    gradient[v] =
        terms.scale * damping * (terms.gamma * right * direction * cross_entropy + sigmoid - y);
  }
  return sum_over(block.voxels, [&](std::size_t v) LUCID_ALWAYS_INLINE { return loss[v]; });
}

LUCID_CLONED(double, square_focal, (const VoxelBlock& block, const ChannelTerms& terms),
             (block, terms)) {
  return focal_of_channel(block, terms, [](float base) LUCID_ALWAYS_INLINE { return base * base; });
}

}  // namespace

double focal_channel(const VoxelBlock& block, const FocalTerms& terms, float weight, double scale) {
  const ChannelTerms channel{.gamma = static_cast<float>(terms.gamma),
                             .yes = weight * static_cast<float>(terms.alpha.value_or(1)),
                             .no = weight * static_cast<float>(terms.alpha ? 1 - *terms.alpha : 1),
                             .ignored = static_cast<float>(terms.ignore_index),
                             .scale = static_cast<float>(scale)};
  if (terms.gamma == 2) return square_focal(block, channel);  // the usual one, in vector code
  return focal_of_channel(block, channel, [&](float base) { return power(base, channel.gamma); });
}

}  // namespace lucid
