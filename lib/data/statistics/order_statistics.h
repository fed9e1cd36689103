#pragma once
// Private to this room.

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "data/statistics/order_keys.h"

namespace lucid {

// Computes exact percentiles in memory that does not grow with the data: values are added once or,
// if is_second_pass_needed(), twice. Interpolates linearly between values, as numpy does; 0 of no
// values. NaN must not be among them.
class OrderStatistics {
 public:
  OrderStatistics(double low, double high);  // percentiles, 0 .. 100

  void add(std::span<const float> numbers);
  bool is_second_pass_needed();  // call after all values were added
  void add_again(std::span<const float> numbers);

  std::array<float, 2> percentiles() const;
  float min() const { return Key::value(least_); }
  float max() const { return Key::value(most_); }

 private:
  using Key = OrderKey<float>;

  // A value by its rank, and what is known of it.
  struct Ranked {
    std::uint64_t rank = 0;               // among values with the same upper half
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
  std::uint32_t lower_bits_ = 0;                  // bits set in any value
  std::uint32_t least_ = 0xffffffffU, most_ = 0;  // of all keys
  std::array<Ranked, 4> ranked_{};                // two neighbours of each percentile
};

}  // namespace lucid
