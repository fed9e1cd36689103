#include "data/statistics/order_statistics.h"

#include <algorithm>
#include <bit>

namespace lucid {
namespace {

constexpr std::size_t kHalves = 1 << 16;
constexpr std::uint32_t kLower = kHalves - 1;

}  // namespace

OrderStatistics::OrderStatistics(double low, double high) : wanted_{low, high}, counts_(kHalves) {}

void OrderStatistics::add(std::span<const float> numbers) {
  for (const float number : numbers) {
    const std::uint32_t key = Key::of(number);
    lower_bits_ |= std::bit_cast<std::uint32_t>(number) & kLower;
    ++counts_[key >> 16U];
    least_ = std::min(least_, key);
    most_ = std::max(most_, key);
  }
  count_ += std::ssize(numbers);
}

// The upper halves of their keys distinguish small integers.
bool OrderStatistics::is_second_pass_needed() {
  if (count_ == 0) return false;
  for (std::size_t which = 0; which < 2; ++which) {
    const Quantile quantile = quantile_of(wanted_[which], count_);
    find_upper(quantile.low, ranked(which, 0));
    find_upper(quantile.high, ranked(which, 1));
  }
  return lower_bits_ != 0;
}

void OrderStatistics::find_upper(std::int64_t place, Ranked& ranked) const {
  ranked.rank = static_cast<std::uint64_t>(place);
  ranked.upper = 0;
  for (; ranked.rank >= counts_[ranked.upper]; ++ranked.upper) ranked.rank -= counts_[ranked.upper];
  if (lower_bits_ != 0) ranked.counts.assign(kHalves, 0);
}

void OrderStatistics::add_again(std::span<const float> numbers) {
  for (const float number : numbers) {
    const std::uint32_t key = Key::of(number), upper = key >> 16U;
    for (Ranked& ranked : ranked_)
      if (ranked.upper == upper) ++ranked.counts[key & kLower];
  }
}

float OrderStatistics::value_of(const Ranked& ranked) const {
  const std::uint32_t upper = ranked.upper << 16U;
  // The keys of negative values are inverted, including the zeros of the lower half.
  if (lower_bits_ == 0) return Key::value((upper & Key::kSign) != 0 ? upper : upper | kLower);
  std::uint32_t lower = 0;
  for (std::uint64_t left = ranked.rank; left >= ranked.counts[lower]; ++lower)
    left -= ranked.counts[lower];
  return Key::value(upper | lower);
}

std::array<float, 2> OrderStatistics::percentiles() const {
  std::array<float, 2> found{};
  if (count_ == 0) return found;
  for (std::size_t which = 0; which < 2; ++which) {
    const double low = value_of(ranked_[2 * which]), high = value_of(ranked_[2 * which + 1]);
    found[which] = static_cast<float>(quantile_of(wanted_[which], count_).between(low, high));
  }
  return found;
}

}  // namespace lucid
