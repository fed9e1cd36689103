#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace lucid {

// Percentiles of any number of numbers in memory that does not depend on it, and exactly: the
// numbers are shown once or, where is_second_pass_needed(), twice. A percentile between two numbers
// is interpolated linearly, as numpy's; NaN where one of the numbers is.
class OrderStatistics {
 public:
  OrderStatistics(double low, double high);  // the percentiles wanted, 0 .. 100

  void add(std::span<const float> numbers);
  bool is_second_pass_needed();  // after all were added
  void add_again(std::span<const float> numbers);

  std::array<float, 2> percentiles() const;

 private:
  // The number at a place of their order, and what is known of it.
  struct Ranked {
    std::uint64_t rank = 0;               // ... among those whose upper half is the same
    std::uint32_t upper = 0;              // half of its key
    std::vector<std::uint64_t> counts{};  // by the lower half
  };
  Ranked& ranked(std::size_t which, std::size_t neighbour) {
    return ranked_[2 * which + neighbour];
  }
  void find_upper(std::int64_t place, Ranked& ranked) const;
  float value_of(const Ranked& ranked) const;

  std::array<double, 2> wanted_;
  std::vector<std::uint64_t> counts_;  // by the upper half of the key
  std::int64_t count_ = 0;
  std::uint32_t lower_bits_ = 0;  // those set in any number
  bool has_nan_ = false;
  std::array<Ranked, 4> ranked_{};  // each percentile's two neighbours
};

}  // namespace lucid
