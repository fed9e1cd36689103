#pragma once
// Private to this room.

#include "kernels/layout/row_pattern.h"
#include "kernels/normalize/normalize.h"
#include "kernels/normalize/rows.h"

// Pieces that the forward and the backward pass of a normalization share.
namespace lucid {

inline double value_or(const float* values, std::int64_t channel, double fallback) {
  return values == nullptr ? fallback : static_cast<double>(values[channel]);
}

// Points to the partial sums of one channel of one sample.
struct ChannelParts {
  const PartialSums* first;
  std::int64_t stride;
};

inline ChannelParts parts_of(const Pieces& pieces, const PartialSums* partials, std::int64_t sample,
                             std::int64_t channel) {
  const std::int64_t width = pieces.panels().width;
  return {partials + pieces.index(sample, channel / width, 0) * width + channel % width, width};
}

// Calls body(sample, channel) for all that a set holds, in a fixed order.
template <class Body>
void for_each_channel(const PanelNormalization& n, std::int64_t set, const Body& body) {
  const std::int64_t sets_of_sample = n.panels.channels / n.sets.channels;
  const std::int64_t sample = set / sets_of_sample * n.sets.samples;
  const std::int64_t channel = set % sets_of_sample * n.sets.channels;
  for (std::int64_t s = sample; s < sample + n.sets.samples; ++s)
    for (std::int64_t c = channel; c < channel + n.sets.channels; ++c) body(s, c);
}

// y = (x - mean) * scale + shift. The mean is a float, so that x - mean is exact where it matters;
// what it lost goes into the shift.
struct Affine {
  float mean, scale, shift;
};

inline Affine affine_of(const SetStatistics& s, const float* weight, const float* bias,
                        std::int64_t channel) {
  const double scale = s.inverse_deviation * value_or(weight, channel, 1);
  const auto mean = static_cast<float>(s.mean);
  return {mean, static_cast<float>(scale),
          static_cast<float>(value_or(bias, channel, 0) -
                             (s.mean - static_cast<double>(mean)) * scale)};
}

// dx = scale * g + slope * (x - mean) + offset.
struct Correction {
  float slope, offset;
};

inline Correction correction_of(const PanelNormalization& n, const SetStatistics& s,
                                const PartialSums& set_sums) {
  const double count = static_cast<double>(n.sets.values(n.panels)), r = s.inverse_deviation;
  const double slope = -r * r * r * set_sums.second / count;
  return {static_cast<float>(slope),
          static_cast<float>(-r * set_sums.first / count -
                             slope * (s.mean - static_cast<double>(static_cast<float>(s.mean))))};
}

// Adds up the sums of the output gradient in each set, times the weight of their channel.
void sum_sets(const PanelNormalization& n, const float* weight, const PartialSums* sums,
              PartialSums* set_sums);

// Holds the coefficients of Affine for every float of a row.
struct Coefficients {
  Pattern<float> mean, scale, shift;
  float relu_slope;

  Coefficients(const PanelNormalization& n, const Piece& piece, const SetStatistics* statistics,
               const float* weight, const float* bias)
      : relu_slope(n.relu_slope) {
    for (std::int64_t lane = 0; lane < piece.lanes; ++lane) {
      const auto i = static_cast<std::size_t>(lane);
      const std::int64_t channel = piece.panel * n.panels.width + lane;
      mean[i] = scale[i] = shift[i] = 0;
      if (channel >= n.panels.channels) continue;
      const std::int64_t set = n.sets.of(n.panels, piece.sample, channel);
      const Affine affine = affine_of(statistics[set], weight, bias, channel);
      mean[i] = affine.mean;
      scale[i] = affine.scale;
      shift[i] = affine.shift;
    }
    for (Pattern<float>* pattern : {&mean, &scale, &shift}) repeat(piece, *pattern);
  }
  RowCoefficients view() const { return {mean.data(), scale.data(), shift.data(), relu_slope}; }
};

}  // namespace lucid
