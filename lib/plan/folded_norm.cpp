#include "plan/folded_norm.h"

#include <cmath>

namespace lucid {

void channel_scales(const FrozenNorm& norm, std::span<ChannelScale> scales) {
  for (std::size_t c = 0; c < scales.size(); ++c) {
    const double weight = norm.weight == nullptr ? 1 : norm.weight[c];
    const double scale = weight / std::sqrt(static_cast<double>(norm.variance[c]) + norm.eps);
    const double bias = norm.bias == nullptr ? 0 : norm.bias[c];
    scales[c] = {scale, bias - static_cast<double>(norm.mean[c]) * scale};
  }
}

void scale_weight(const WeightChannels& channels, std::span<const ChannelScale> scales,
                  std::span<const float> weight, float* scaled) {
  const auto repeats = static_cast<std::size_t>(channels.repeats);
  const auto of_group = static_cast<std::size_t>(channels.channels);
  const std::size_t rest = weight.size() / (scales.size() * repeats);
  std::size_t at = 0;
  for (std::size_t group = 0; group < scales.size(); group += of_group)
    for (std::size_t repeat = 0; repeat < repeats; ++repeat)
      for (std::size_t c = group; c < group + of_group; ++c)
        for (const std::size_t end = at + rest; at < end; ++at)
          scaled[at] = static_cast<float>(static_cast<double>(weight[at]) * scales[c].scale);
}

void scale_bias(std::span<const ChannelScale> scales, const float* bias, float* scaled) {
  for (std::size_t c = 0; c < scales.size(); ++c) {
    const double from = bias == nullptr ? 0 : bias[c];
    scaled[c] = static_cast<float>(from * scales[c].scale + scales[c].shift);
  }
}

}  // namespace lucid
