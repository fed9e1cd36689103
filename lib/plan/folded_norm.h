#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "plan/recording.h"

// Folds a normalization with fixed statistics, y = (x - mean) / sqrt(variance + eps) * weight +
// bias, into the weight and the bias of the layer that computes x.
namespace lucid {

// Maps the elements of a layer's weight to output channels. In plain order the weight is
// (groups, repeats, channels of a group, the rest).
struct WeightChannels {
  std::int64_t groups = 1, repeats = 1, channels = 1;
  std::int64_t count() const { return groups * channels; }
};

struct FoldedNorm {
  std::string name;  // of its node
  double eps = 0;
  WeightChannels channels;  // of the layer before the normalization
  Value scales;             // one ChannelScale per channel, once it is recorded
};

// Turns x into scale * x + shift, for one channel.
struct ChannelScale {
  double scale = 1, shift = 0;
};

// `weight` and `bias` may be null, which means 1 and 0.
struct FrozenNorm {
  double eps = 0;
  const float *mean = nullptr, *variance = nullptr, *weight = nullptr, *bias = nullptr;
};
void channel_scales(const FrozenNorm& norm, std::span<ChannelScale> scales);

// All arrays are in plain order; a null `bias` means 0.
void scale_weight(const WeightChannels& channels, std::span<const ChannelScale> scales,
                  std::span<const float> weight, float* scaled);
void scale_bias(std::span<const ChannelScale> scales, const float* bias, float* scaled);

}  // namespace lucid
