#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace lucid {

// Wilcoxon's signed-rank test of paired differences, two-sided. It is that of
// scipy.stats.wilcoxon(differences, zero_method="wilcox", correction=False, method=...):
// differences of 0 are left out; of at most 50 others without a 0 or a tie of their sizes the
// distribution is exact ("exact"), else it is taken for normal, with the variance corrected for
// ties and without a correction for continuity ("approx").
struct Wilcoxon {
  std::int64_t count = 0;     // of the differences that are not 0
  double positive = 0;        // sum of the ranks of positive differences
  bool is_exact = false;      // else by the normal approximation
  std::optional<double> p{};  // empty if all differences are 0
};
Wilcoxon wilcoxon(std::span<const double> differences);

}  // namespace lucid
