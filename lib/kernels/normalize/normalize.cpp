#include "kernels/normalize/normalize.h"

#include <cmath>

#include "kernels/normalize/parts.h"

namespace lucid {
namespace {

// Joins (count, mean, squared deviations) of two disjoint sets (Chan, Golub and LeVeque, 1979).
void join(double& count, PartialSums& to, double other_count, const PartialSums& other) {
  const double total = count + other_count, delta = other.first - to.first;
  to.first += delta * (other_count / total);
  to.second += other.second + delta * delta * (count * other_count / total);
  count = total;
}

// Means and squared deviations of a piece, by lane. Deviations are taken from a mean, the first
// block's from its own, the others' from that of all before: a large mean costs no digits, and
// where a block is far from it, so is the piece's deviation large.
void measure_piece(const Piece& piece, const float* x, PartialSums* partials) {
  std::fill_n(partials, piece.lanes, PartialSums{0, 0});
  Pattern<float> mean, sum, squares;
  Pattern<double> totals, of_squares;
  const auto lanes = static_cast<std::size_t>(piece.lanes);
  double count = 0;
  for_each_block(piece, [&](const Rows& block, std::int64_t offset, std::int64_t voxels) {
    const auto n = static_cast<double>(voxels);
    if (count == 0) {
      std::fill_n(sum.begin(), block.length, 0.F);
      add_rows(block, x + offset, sum.data());
      fold(piece, sum, totals);
    }
    for (std::size_t lane = 0; lane < lanes; ++lane)
      mean[lane] = static_cast<float>(count == 0 ? totals[lane] / n : partials[lane].first);
    repeat(piece, mean);
    std::fill_n(sum.begin(), block.length, 0.F);
    std::fill_n(squares.begin(), block.length, 0.F);
    add_deviations(block, x + offset, mean.data(), sum.data(), squares.data());
    fold(piece, sum, totals);
    fold(piece, squares, of_squares);
    double count_after = count;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const double rest = totals[lane];
      count_after = count;
      join(count_after, partials[lane], n,
           {static_cast<double>(mean[lane]) + rest / n, of_squares[lane] - rest * rest / n});
    }
    count = count_after;
  });
}

SetStatistics join_set(const PanelNormalization& n, const Pieces& pieces,
                       const PartialSums* partials, std::int64_t set) {
  PartialSums all{0, 0};
  double count = 0;
  for_each_channel(n, set, [&](std::int64_t sample, std::int64_t channel) {
    const ChannelParts parts = parts_of(pieces, partials, sample, channel);
    for (std::int64_t i = 0; i < pieces.per_panel(); ++i)
      join(count, all, static_cast<double>(pieces.at(i).voxels), parts.first[i * parts.stride]);
  });
  const double variance = all.second / count;
  return {all.first, variance, inverse_deviation(variance, n.eps)};
}

}  // namespace

double inverse_deviation(double variance, double eps) { return 1.0 / std::sqrt(variance + eps); }

void measure_statistics(const PanelNormalization& n, const float* x, PartialSums* partials,
                        SetStatistics* statistics) {
  const Pieces pieces(n.panels);
  parallel_for(pieces.count(), [&](std::int64_t i) {
    measure_piece(pieces.at(i), x, partials + i * n.panels.width);
  });
  parallel_for(n.set_count(),
               [&](std::int64_t set) { statistics[set] = join_set(n, pieces, partials, set); });
}

void normalize(const PanelNormalization& n, const SetStatistics* statistics, const float* weight,
               const float* bias, Rectify rectify, const float* x, float* y) {
  for_each_piece(Pieces(n.panels), [&](const Piece& piece) {
    const Coefficients coefficients(n, piece, statistics, weight, bias);
    scale_rows(piece.rows, rectify, coefficients.view(), x + piece.offset, y + piece.offset);
  });
}

}  // namespace lucid
