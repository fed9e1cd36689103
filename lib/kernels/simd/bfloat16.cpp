#include "kernels/simd/bfloat16.h"

namespace lucid {

LUCID_CLONED(void, to_floats, (std::int64_t count, const Bfloat16* from, float* to),
             (count, from, to)) {
#pragma omp simd
  for (std::int64_t i = 0; i < count; ++i) to[i] = to_float(from[i]);
}

LUCID_CLONED(void, to_bfloat16s, (std::int64_t count, const float* from, Bfloat16* to),
             (count, from, to)) {
#pragma omp simd
  for (std::int64_t i = 0; i < count; ++i) to[i] = from_float<Bfloat16>(from[i]);
}

}  // namespace lucid
