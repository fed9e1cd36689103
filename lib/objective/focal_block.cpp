#include "objective/focal_block.h"

#include <cmath>

#include "kernels/exponential.h"

namespace lucid {
namespace {

// base^gamma, with the usual exponents at the price of a product.
float power(float base, float gamma) {
  if (gamma == 2) return base * base;
  if (gamma == 1) return base;
  return std::pow(base, gamma);
}

struct FocalOfVoxel {
  float loss, slope;  // slope: by log(p)
};

// Of the probability p = exp(log_p) of the right class.
FocalOfVoxel focal_of(float log_p, float gamma) {
  const float p = exp_of_negative(log_p), rest = 1 - p;
  const float damping = power(rest, gamma);
  // log(p) / (1 - p) tends to -1 where both vanish.
  const float ratio = rest > 0 ? log_p / rest : -1.F;
  return {-damping * log_p, damping * (gamma * p * ratio - 1)};
}

}  // namespace

double focal_classes(const VoxelBlock& block, const FocalTerms& terms, double scale) {
  PerVoxel largest, sum, loss, slope;
  find_largest(block, largest);
  add_powers(block, largest, sum);
  const auto voxels = static_cast<std::size_t>(block.voxels);
  const auto gamma = static_cast<float>(terms.gamma);
  for (std::size_t v = 0; v < voxels; ++v) {
    loss[v] = slope[v] = 0;
    if (terms.is_ignored(block.target[v])) continue;
    const auto label = static_cast<std::int64_t>(block.target[v]);
    const float x = block.prediction[label * block.stride + static_cast<std::int64_t>(v)];
    const FocalOfVoxel found = focal_of(x - largest[v] - std::log(sum[v]), gamma);
    const auto alpha = static_cast<float>(terms.alpha.value_or(1));
    const float factor = terms.weight_of(label) * (label == 0 && terms.alpha ? 1 - alpha : alpha);
    loss[v] = factor * found.loss;
    slope[v] = factor * static_cast<float>(scale) * found.slope;
  }
  if (block.gradient != nullptr) {
    // d log(p) / dx is 1 - p for the right class, -p for the others; the gradient holds p * sum.
    for (std::size_t v = 0; v < voxels; ++v) sum[v] = -slope[v] / sum[v];
    for (std::int64_t c = 0; c < block.classes; ++c) {
      float* row = block.gradient + c * block.stride;
      const auto label = static_cast<float>(c);
      for (std::size_t v = 0; v < voxels; ++v)
        row[v] = row[v] * sum[v] + (block.target[v] == label ? slope[v] : 0.F);
    }
  }
  return sum_over(block.voxels, [&](std::size_t v) { return loss[v]; });
}

namespace {

// What one channel's loss is made of, besides gamma.
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
    const float surprise = (1 - y) * x + log1p_of_share(small) + (x < 0 ? -x : 0.F);
    // The wrong answer's probability: sigmoid(x (1 - 2 y)), for targets between 0 and 1, too.
    const float towards = 1 - 2 * y, z = x * towards, tiny = exp_of_negative(-magnitude(z));
    const float wrong = (z >= 0 ? 1.F : tiny) / (1 + tiny);
    const float right = (z >= 0 ? tiny : 1.F) / (1 + tiny);
    const float damping = factor * power_of(wrong);
    loss[v] = damping * surprise;
    gradient[v] = terms.scale * damping * (terms.gamma * right * towards * surprise + sigmoid - y);
  }
  return sum_over(block.voxels, [&](std::size_t v) LUCID_ALWAYS_INLINE { return loss[v]; });
}

LUCID_CLONES double square_focal(const VoxelBlock& block, const ChannelTerms& terms) {
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
