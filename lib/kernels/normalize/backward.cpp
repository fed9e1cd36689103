#include "kernels/normalize/normalize.h"
#include "kernels/normalize/parts.h"

namespace lucid {
namespace {

void sum_piece(const PanelNormalization& n, const Piece& piece, const NormalizeBackward& back,
               PartialSums* partials) {
  std::fill_n(partials, piece.lanes, PartialSums{0, 0});
  const Coefficients forward(n, piece, back.statistics, back.weight, back.bias);
  Pattern<float> sum, product;
  Pattern<double> sums, products;
  for_each_block(piece, [&](const Rows& block, std::int64_t offset, std::int64_t) {
    std::fill_n(sum.begin(), block.length, 0.F);
    std::fill_n(product.begin(), block.length, 0.F);
    add_gradients(block, back.rectify, forward.view(), back.x + offset, back.dy + offset,
                  sum.data(), product.data());
    fold(piece, sum, sums);
    fold(piece, product, products);
    for (std::size_t lane = 0; lane < static_cast<std::size_t>(piece.lanes); ++lane) {
      partials[lane].first += sums[lane];
      partials[lane].second += products[lane];
    }
  });
}

// Adds up one channel of one sample. The second sum is corrected for the mean in double, not float.
PartialSums channel_sums(const Pieces& pieces, const SetStatistics& statistics,
                         const PartialSums* partials, std::int64_t sample, std::int64_t channel) {
  const ChannelParts parts = parts_of(pieces, partials, sample, channel);
  PartialSums sums{0, 0};
  for (std::int64_t i = 0; i < pieces.per_panel(); ++i) {
    sums.first += parts.first[i * parts.stride].first;
    sums.second += parts.first[i * parts.stride].second;
  }
  const auto used_mean = static_cast<double>(static_cast<float>(statistics.mean));
  sums.second -= (statistics.mean - used_mean) * sums.first;
  return sums;
}

// Holds the coefficients of Correction for every float of a row.
struct GradientCoefficients {
  Pattern<float> slope, offset;

  GradientCoefficients(const PanelNormalization& n, const Piece& piece,
                       const SetStatistics* statistics, const PartialSums* set_sums) {
    for (std::int64_t lane = 0; lane < piece.lanes; ++lane) {
      const auto i = static_cast<std::size_t>(lane);
      const std::int64_t channel = piece.panel * n.panels.width + lane;
      slope[i] = offset[i] = 0;
      if (channel >= n.panels.channels) continue;
      const std::int64_t set = n.sets.of(n.panels, piece.sample, channel);
      const Correction correction = correction_of(n, statistics[set], set_sums[set]);
      slope[i] = correction.slope;
      offset[i] = correction.offset;
    }
    for (Pattern<float>* pattern : {&slope, &offset}) repeat(piece, *pattern);
  }
};

}  // namespace

void normalize_parameter_gradients(const PanelNormalization& n, const NormalizeBackward& back,
                                   PartialSums* partials, PartialSums* sums, float* weight_gradient,
                                   float* bias_gradient) {
  const Pieces pieces(n.panels);
  const Panels& p = n.panels;
  parallel_for(pieces.count(),
               [&](std::int64_t i) { sum_piece(n, pieces.at(i), back, partials + i * p.width); });
  parallel_for(p.channels, [&](std::int64_t channel) {
    double of_weight = 0, of_bias = 0;
    for (std::int64_t sample = 0; sample < p.samples; ++sample) {
      const SetStatistics& s = back.statistics[n.sets.of(p, sample, channel)];
      PartialSums& here = sums[sample * p.channels + channel];
      here = channel_sums(pieces, s, partials, sample, channel);
      of_weight += here.second * s.inverse_deviation;
      of_bias += here.first;
    }
    if (weight_gradient != nullptr) weight_gradient[channel] = static_cast<float>(of_weight);
    if (bias_gradient != nullptr) bias_gradient[channel] = static_cast<float>(of_bias);
  });
}

void sum_sets(const PanelNormalization& n, const float* weight, const PartialSums* sums,
              PartialSums* set_sums) {
  parallel_for(n.set_count(), [&](std::int64_t set) {
    PartialSums all{0, 0};
    for_each_channel(n, set, [&](std::int64_t sample, std::int64_t channel) {
      const PartialSums& here = sums[sample * n.panels.channels + channel];
      all.first += value_or(weight, channel, 1) * here.first;
      all.second += value_or(weight, channel, 1) * here.second;
    });
    set_sums[set] = all;
  });
}

void normalize_input_gradient(const PanelNormalization& n, const NormalizeBackward& back,
                              const PartialSums* sums, PartialSums* set_sums, float* dx) {
  sum_sets(n, back.weight, sums, set_sums);
  for_each_piece(Pieces(n.panels), [&](const Piece& piece) {
    const Coefficients forward(n, piece, back.statistics, back.weight, back.bias);
    const GradientCoefficients gradient(n, piece, back.statistics, set_sums);
    gradient_rows(piece.rows, back.rectify, forward.view(), gradient.slope.data(),
                  gradient.offset.data(), back.x + piece.offset, back.dy + piece.offset,
                  dx + piece.offset);
  });
}

}  // namespace lucid
