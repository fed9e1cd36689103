#include "support/approx.h"

#include <algorithm>
#include <limits>

namespace lucid::test {

bool Approx::accepts(std::vector<double> found) const {
  found_ = std::move(found);
  if (found_.size() != expected_.size()) return false;
  for (std::size_t i = 0; i < expected_.size(); ++i)
    if (!accepts_at(i)) return false;
  return true;
}

bool Approx::accepts_at(std::size_t i) const {
  const double found = found_[i], expected = expected_[i];
  if (std::isnan(found) || std::isnan(expected)) return std::isnan(found) && std::isnan(expected);
  if (std::isinf(found) || std::isinf(expected)) return found == expected;
  return std::abs(found - expected) <= absolute_ + relative_ * std::abs(expected);
}

std::ostream& Approx::describe(std::ostream& stream) const {
  if (found_.size() != expected_.size())
    return stream << expected_.size() << " values expected, " << found_.size() << " found";
  std::size_t bad_count = 0, first_bad = 0;
  double largest = 0;
  for (std::size_t i = 0; i < expected_.size(); ++i) {
    largest = std::max(largest, std::abs(found_[i] - expected_[i]));
    if (accepts_at(i)) continue;
    if (bad_count++ == 0) first_bad = i;
  }
  if (bad_count == 0) return stream << expected_.size() << " values, all within tolerance";
  const auto digits = stream.precision(std::numeric_limits<float>::max_digits10);
  stream << "at " << first_bad << ": expected " << expected_[first_bad] << ", found "
         << found_[first_bad] << "; " << bad_count << " of " << expected_.size()
         << " are off, the largest difference is " << largest;
  stream.precision(digits);
  return stream;
}

}  // namespace lucid::test
