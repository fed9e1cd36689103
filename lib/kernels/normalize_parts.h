#pragma once

#include "kernels/normalize.h"
#include "kernels/normalize_rows.h"
#include "kernels/row_pattern.h"

// What the two ways of a normalization share.
namespace lucid {

inline double value_or(const float* values, std::int64_t channel, double fallback) {
  return values == nullptr ? fallback : static_cast<double>(values[channel]);
}

// Where the sums of one channel of one sample are among the partial ones.
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
void for_each_channel(const Normalization& n, std::int64_t set, const Body& body) {
  const std::int64_t sets_of_sample = n.panels.channels / n.sets.channels;
  const std::int64_t sample = set / sets_of_sample * n.sets.samples;
  const std::int64_t channel = set % sets_of_sample * n.sets.channels;
  for (std::int64_t s = sample; s < sample + n.sets.samples; ++s)
    for (std::int64_t c = channel; c < channel + n.sets.channels; ++c) body(s, c);
}

// The coefficients of y = (x - mean) * scale + shift, for every float of a row. The mean is a
// float, so that x - mean is exact where it matters; what it lost goes into the shift.
struct Coefficients {
  Pattern<float> mean, scale, shift;

  Coefficients(const Normalization& n, const Piece& piece, const Statistics* statistics,
               const float* weight, const float* bias) {
    for (std::int64_t lane = 0; lane < piece.lanes; ++lane) {
      const auto i = static_cast<std::size_t>(lane);
      const std::int64_t channel = piece.panel * n.panels.width + lane;
      mean[i] = scale[i] = shift[i] = 0;
      if (channel >= n.panels.channels) continue;
      const Statistics& s = statistics[n.sets.of(n.panels, piece.sample, channel)];
      const double full_scale = s.inverse_deviation * value_or(weight, channel, 1);
      mean[i] = static_cast<float>(s.mean);
      scale[i] = static_cast<float>(full_scale);
      shift[i] = static_cast<float>(value_or(bias, channel, 0) -
                                    (s.mean - static_cast<double>(mean[i])) * full_scale);
    }
    for (Pattern<float>* pattern : {&mean, &scale, &shift}) repeat(piece, *pattern);
  }
  RowCoefficients view() const { return {mean.data(), scale.data(), shift.data()}; }
};

}  // namespace lucid
