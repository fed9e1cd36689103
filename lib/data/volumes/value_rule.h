#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

namespace lucid {

// Says what values of a sample or its target have to be.
struct ValueRule {
  enum class Kind {
    kFinite,  // as float32
    kShare,   // from 0 to 1
    kClass    // integers from 0 to classes - 1
  };
  Kind kind = Kind::kFinite;
  std::int64_t classes = 0;
  std::optional<std::int64_t> ignored{};  // is allowed, too

  // Takes a value as it is stored, which may not be exact as a float.
  template <class T>
  bool refuses(T value) const;
  std::string expected() const;  // "a class from 0 to 2 or -100 (ignore_index)"
};

// Returns the index of a value that the rule refuses, or the number of values. An `ignored` beyond
// 2^24 is compared as a float.
std::size_t find_refused(std::span<const float> values, const ValueRule& rule);

// A value for messages: "a.h5: /labels, sample 3, voxel (1, 2, 0)" and "4294967297".
struct StoredValue {
  std::string place, value;
};

// Throws Error: kDiverged if the rule is kFinite, else kData.
[[noreturn]] void refuse(const StoredValue& found, const ValueRule& rule);

template <class T>
bool ValueRule::refuses(T value) const {
  if constexpr (std::is_integral_v<T>) {
    if (ignored && std::cmp_equal(value, *ignored)) return false;
    const bool is_low = std::cmp_less(value, 0);
    if (kind == Kind::kShare) return is_low || std::cmp_greater(value, 1);
    return kind == Kind::kClass && (is_low || std::cmp_greater_equal(value, classes));
  } else {
    if (ignored && static_cast<double>(value) == static_cast<double>(*ignored)) return false;
    const auto number = static_cast<float>(value);
    if (kind == Kind::kFinite) return !std::isfinite(number);
    if (kind == Kind::kShare) return !(number >= 0 && number <= 1);
    return !(number >= 0 && number < static_cast<float>(classes)) || number != std::trunc(number);
  }
}

}  // namespace lucid
