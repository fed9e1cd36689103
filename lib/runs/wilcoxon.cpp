#include "runs/wilcoxon.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <vector>

namespace lucid {
namespace {

constexpr std::int64_t kMostExact = 50;

// The sizes of the differences, ascending, with their mean ranks.
struct SignedRanks {
  double positive = 0;  // sum of the ranks of positive differences
  double ties = 0;      // sum of t^3 - t over groups of t equal sizes
};

SignedRanks rank(std::vector<double> differences) {
  std::ranges::sort(differences, {}, [](double difference) { return std::abs(difference); });
  SignedRanks ranks;
  const std::size_t count = differences.size();
  for (std::size_t first = 0, end = 0; first < count; first = end) {
    std::int64_t positive = 0;
    for (; end < count && std::abs(differences[end]) == std::abs(differences[first]); ++end)
      positive += differences[end] > 0 ? 1 : 0;
    const auto tied = static_cast<double>(end - first);
    ranks.positive += static_cast<double>(positive) * (static_cast<double>(first) + (tied + 1) / 2);
    ranks.ties += tied * tied * tied - tied;
  }
  return ranks;
}

// Returns the share of sign patterns of the ranks 1 .. count whose positive ranks sum up to at
// most `sum`. Patterns are counted rank by rank; 2^50 is exact as a double.
double share_up_to(std::int64_t sum, std::int64_t count) {
  std::vector<double> patterns(static_cast<std::size_t>(count * (count + 1) / 2 + 1));
  patterns[0] = 1;
  for (std::int64_t r = 1; r <= count; ++r)
    for (std::int64_t s = r * (r + 1) / 2; s >= r; --s)
      patterns[static_cast<std::size_t>(s)] += patterns[static_cast<std::size_t>(s - r)];
  return std::accumulate(patterns.begin(), patterns.begin() + sum + 1, 0.0) /
         std::exp2(static_cast<double>(count));
}

// The distribution is symmetric, so that the smaller of both sums decides.
double exact_p(double smaller, std::int64_t count) {
  return std::min(1.0, 2 * share_up_to(std::llround(smaller), count));
}

double normal_p(double smaller, double ties, double count) {
  const double mean = count * (count + 1) / 4;
  const double variance = (count * (count + 1) * (2 * count + 1) - ties / 2) / 24;
  return std::erfc(std::abs(smaller - mean) / std::sqrt(variance) / std::numbers::sqrt2);
}

}  // namespace

Wilcoxon wilcoxon(std::span<const double> differences) {
  std::vector<double> others;
  std::ranges::copy_if(differences, std::back_inserter(others), [](double d) { return d != 0; });
  Wilcoxon test{.count = std::ssize(others)};
  if (others.empty()) return test;
  const bool has_zeros = others.size() < differences.size();
  const SignedRanks ranks = rank(std::move(others));
  const auto count = static_cast<double>(test.count);
  const double smaller = std::min(ranks.positive, count * (count + 1) / 2 - ranks.positive);
  test.positive = ranks.positive;
  test.is_exact = test.count <= kMostExact && !has_zeros && ranks.ties == 0;
  test.p = test.is_exact ? exact_p(smaller, test.count) : normal_p(smaller, ranks.ties, count);
  return test;
}

}  // namespace lucid
