#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "plan/recording.h"

// A normalization by statistics that no longer move, y = (x - mean) / sqrt(variance + eps) * weight
// + bias, as a part of the weight and the bias of the layer that makes x.
namespace lucid {

// Which numbers of a layer's weight make which of its output channels: in plain order they are
// (groups, repeats, channels of a group, the rest).
struct WeightChannels {
  std::int64_t groups = 1, repeats = 1, channels = 1;
  std::int64_t count() const { return groups * channels; }
};

struct FoldedNorm {
  std::string name;  // of its node
  double eps = 0;
  WeightChannels channels;  // of the layer before
  Value scales;             // a ChannelScale a channel, once they are recorded
};

// What becomes of a channel: scale * x + shift.
struct ChannelScale {
  double scale = 1, shift = 0;
};

// `weight` and `bias` may be null: 1 and 0.
struct FrozenNorm {
  double eps = 0;
  const float *mean = nullptr, *variance = nullptr, *weight = nullptr, *bias = nullptr;
};
void channel_scales(const FrozenNorm& norm, std::span<ChannelScale> scales);

// All in plain order; no `bias`: 0.
void scale_weight(const WeightChannels& channels, std::span<const ChannelScale> scales,
                  std::span<const float> weight, float* scaled);
void scale_bias(std::span<const ChannelScale> scales, const float* bias, float* scaled);

}  // namespace lucid
