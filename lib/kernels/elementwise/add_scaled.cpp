#include "kernels/elementwise/add_scaled.h"

#include "kernels/simd/clones.h"

namespace lucid {

LUCID_CLONED(void, add_scaled, (std::size_t count, float factor, const float* x, float* y),
             (count, factor, x, y)) {
  for (std::size_t i = 0; i < count; ++i) y[i] += factor * x[i];
}

}  // namespace lucid
