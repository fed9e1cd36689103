#include "kernels/simd/clones.h"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstddef>

namespace lucid::test {
namespace {

using Numbers = std::array<float, 16>;

// Fused, a product is not rounded before its sum is.
LUCID_CLONED(void, multiply_add, (const Numbers& a, const Numbers& b, Numbers& sum), (a, b, sum)) {
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += a[i] * b[i];
}

template <class Clone>
Numbers result_of(const Clone& clone) {
  Numbers a, sum;
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = 1.F + static_cast<float>(i) * 0x1p-12F;
  for (std::size_t i = 0; i < a.size(); ++i) sum[i] = -a[i] * a[i];
  clone(a, a, sum);
  return sum;
}

}  // namespace

TEST_CASE("a function with clones runs the one for the instructions that oneDNN uses") {
  const Numbers portable = result_of(multiply_add_body);
  CHECK(portable[15] == 0);
  const Numbers result = result_of(multiply_add);
#ifdef LUCID_SANITIZE  // with which there are no clones
  CHECK(result == portable);
#else
  if (onednn::vector_set() == onednn::VectorSet::kPortable) {
    CHECK(result == portable);
    return;
  }
  const bool is_wide = onednn::vector_set() == onednn::VectorSet::kAvx512;
  CHECK(result == result_of(is_wide ? multiply_add_for_avx512 : multiply_add_for_avx2));
  for (std::size_t i = 0; i < result.size(); ++i) {
    const float a = 1.F + static_cast<float>(i) * 0x1p-12F;
    CHECK(result[i] == std::fma(a, a, -(a * a)));
  }
  CHECK(result != portable);
#endif
}

}  // namespace lucid::test
