#include "data/order_statistics.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace lucid {
namespace {

constexpr std::size_t kHalves = 1 << 16;
constexpr std::uint32_t kLower = kHalves - 1;
constexpr std::uint32_t kSign = 0x80000000U;

// Ordered as the numbers are.
std::uint32_t key_of(float number) {
  const auto bits = std::bit_cast<std::uint32_t>(number);
  return (bits & kSign) != 0 ? ~bits : bits | kSign;
}

float number_of(std::uint32_t key) {
  return std::bit_cast<float>((key & kSign) != 0 ? key & ~kSign : ~key);
}

}  // namespace

OrderStatistics::OrderStatistics(double low, double high) : wanted_{low, high}, counts_(kHalves) {}

void OrderStatistics::add(std::span<const float> numbers) {
  for (const float number : numbers) {
    lower_bits_ |= std::bit_cast<std::uint32_t>(number) & kLower;
    ++counts_[key_of(number) >> 16U];
    has_nan_ |= std::isnan(number);
  }
  count_ += numbers.size();
}

// Small integers are told apart by their upper halves alone.
bool OrderStatistics::is_second_pass_needed() {
  for (std::size_t which = 0; which < 2; ++which) {
    const auto place =
        static_cast<std::uint64_t>(wanted_[which] / 100 * static_cast<double>(count_ - 1));
    find_upper(place, ranked(which, 0));
    find_upper(std::min(place + 1, count_ - 1), ranked(which, 1));
  }
  return lower_bits_ != 0 && !has_nan_;
}

void OrderStatistics::find_upper(std::uint64_t place, Ranked& ranked) const {
  ranked.rank = place;
  ranked.upper = 0;
  for (; ranked.rank >= counts_[ranked.upper]; ++ranked.upper) ranked.rank -= counts_[ranked.upper];
  if (lower_bits_ != 0) ranked.counts.assign(kHalves, 0);
}

void OrderStatistics::add_again(std::span<const float> numbers) {
  for (const float number : numbers) {
    const std::uint32_t key = key_of(number), upper = key >> 16U;
    for (Ranked& ranked : ranked_)
      if (ranked.upper == upper) ++ranked.counts[key & kLower];
  }
}

float OrderStatistics::value_of(const Ranked& ranked) const {
  if (has_nan_) return std::numeric_limits<float>::quiet_NaN();
  const std::uint32_t upper = ranked.upper << 16U;
  // Below 0 the key is turned around, the lower half's zeros with it.
  if (lower_bits_ == 0) return number_of((upper & kSign) != 0 ? upper : upper | kLower);
  std::uint32_t lower = 0;
  for (std::uint64_t left = ranked.rank; left >= ranked.counts[lower]; ++lower)
    left -= ranked.counts[lower];
  return number_of(upper | lower);
}

std::array<float, 2> OrderStatistics::percentiles() const {
  std::array<float, 2> found{};
  for (std::size_t which = 0; which < 2; ++which) {
    const double place = wanted_[which] / 100 * static_cast<double>(count_ - 1);
    const double low = value_of(ranked_[2 * which]), high = value_of(ranked_[2 * which + 1]);
    found[which] = static_cast<float>(low + (high - low) * (place - std::floor(place)));
  }
  return found;
}

}  // namespace lucid
