#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <type_traits>

namespace lucid {

// Numbers as unsigned ones that are in the same order: statistics count these by their bits.
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

template <class T>
bool is_countable(T value) {
  if constexpr (std::is_floating_point_v<T>) return std::isfinite(value);
  return true;
}

}  // namespace lucid
