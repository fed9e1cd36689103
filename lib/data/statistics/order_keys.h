#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <type_traits>

namespace lucid {

// Maps values to unsigned keys in the same order, whose bits statistics count.
template <class T>
struct OrderKey {
  using Bits = std::conditional_t<
      sizeof(T) == 1, std::uint8_t,
      std::conditional_t<sizeof(T) == 2, std::uint16_t,
                         std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>>>;
  static constexpr int kBits = 8 * sizeof(T);
  static constexpr Bits kSign = static_cast<Bits>(Bits{1} << (kBits - 1));

  static Bits of(T value) {
    const Bits bits = std::bit_cast<Bits>(value);
    if constexpr (std::is_floating_point_v<T>)
      return (bits & kSign) != 0 ? static_cast<Bits>(~bits) : static_cast<Bits>(bits | kSign);
    else if constexpr (std::is_signed_v<T>)
      return static_cast<Bits>(bits ^ kSign);
    else
      return bits;
  }
  static T value(Bits key) {
    if constexpr (std::is_floating_point_v<T>)
      return std::bit_cast<T>((key & kSign) != 0 ? static_cast<Bits>(key ^ kSign)
                                                 : static_cast<Bits>(~key));
    else if constexpr (std::is_signed_v<T>)
      return std::bit_cast<T>(static_cast<Bits>(key ^ kSign));
    else
      return key;
  }
};

// A percentile between two neighbours in sorted order: `share` of the way up from the lower one.
struct Quantile {
  std::int64_t low = 0, high = 0;
  double share = 0;

  double between(double at_low, double at_high) const {
    return at_low + share * (at_high - at_low);
  }
};

inline Quantile quantile_of(double percent, std::int64_t count) {
  const double place = percent / 100 * static_cast<double>(count - 1);
  const auto low = static_cast<std::int64_t>(place);
  return {low, std::min(low + 1, count - 1), place - static_cast<double>(low)};
}

template <class T>
bool is_countable(T value) {
  if constexpr (std::is_floating_point_v<T>) return std::isfinite(value);
  return true;
}

}  // namespace lucid
