#pragma once

#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <ostream>
#include <ranges>
#include <vector>

namespace lucid::test {

// The right side of CHECK(out == approx(expected).within(1e-5, 1e-6)). Element i may differ by
// absolute + relative * |expected[i]|; NaN equals NaN alone, an infinity itself alone.
class Approx {
 public:
  explicit Approx(std::vector<double> expected) : expected_(std::move(expected)) {}
  Approx within(double relative, double absolute = 0) const {
    Approx wanted = *this;
    wanted.relative_ = relative;
    wanted.absolute_ = absolute;
    return wanted;
  }

  template <std::ranges::sized_range Range>
  friend bool operator==(const Range& found, const Approx& wanted) {
    return wanted.accepts(std::vector<double>(std::ranges::begin(found), std::ranges::end(found)));
  }
  // After a comparison that failed: what differs.
  friend std::ostream& operator<<(std::ostream& stream, const Approx& wanted) {
    return wanted.describe(stream);
  }

 private:
  bool accepts(std::vector<double> found) const;
  bool accepts_at(std::size_t i) const;
  std::ostream& describe(std::ostream& stream) const;

  std::vector<double> expected_;
  double relative_ = 0, absolute_ = 0;
  mutable std::vector<double> found_;  // of the last comparison; doctest prints afterwards
};

template <std::ranges::sized_range Range>
Approx approx(const Range& expected) {
  return Approx(std::vector<double>(std::ranges::begin(expected), std::ranges::end(expected)));
}
inline Approx approx(std::initializer_list<double> expected) {
  return Approx(std::vector<double>(expected));
}

}  // namespace lucid::test
