#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

namespace lucid {

// The mean of the values that are defined; NaN is not.
class DefinedMean {
 public:
  void add(double value) {
    if (std::isnan(value)) return;
    sum_ += value;
    ++count_;
  }
  double value() const {
    return count_ > 0 ? sum_ / static_cast<double>(count_)
                      : std::numeric_limits<double>::quiet_NaN();
  }

 private:
  double sum_ = 0;
  std::int64_t count_ = 0;
};

}  // namespace lucid
