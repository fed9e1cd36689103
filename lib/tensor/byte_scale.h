#pragma once

#include <compare>
#include <cstdint>

namespace lucid {

// Says which numbers bytes stand for: a byte q for scale * (q - zero). The zero lies among the
// bytes, so that padding is exact.
struct ByteScale {
  float scale = 1;
  std::int32_t zero = 0;

  friend auto operator<=>(const ByteScale&, const ByteScale&) = default;
};

}  // namespace lucid
