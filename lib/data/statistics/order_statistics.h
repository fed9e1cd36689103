#pragma once
// Private to this room.

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace lucid {

// Computes exact percentiles in memory that does not grow with the data: values are added once or,
// if is_second_pass_needed(), twice. Interpolates linearly between values, as numpy does; NaN if
// any value is NaN.
class OrderStatistics {
 public:
  OrderStatistics(double low, double high);  // percentiles, 0 .. 100

  void add(std::span<const float> numbers);
  bool is_second_pass_needed();  // call after all values were added
  void add_again(std::span<const float> numbers);

  std::array<float, 2> percentiles() const;

 private:
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
  std::uint32_t lower_bits_ = 0;  // bits set in any value
  bool has_nan_ = false;
  std::array<Ranked, 4> ranked_{};  // two neighbours of each percentile
};

}  // namespace lucid
