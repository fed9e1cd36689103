#include "data/augment/noise.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "kernels/simd/clones.h"
#include "kernels/simd/logarithm.h"

namespace lucid {
namespace {

constexpr std::uint32_t kPairs = 2048;  // made from one draw of the generator
using Pairs = std::array<float, 2 * std::size_t{kPairs}>;

// A permutation of 32 bits without visible order (Wellons' lowbias32).
std::uint32_t scrambled(std::uint32_t x) {
  x = (x ^ (x >> 16)) * 0x21f0aaadU;
  x = (x ^ (x >> 15)) * 0x735a2d97U;
  return x ^ (x >> 15);
}

// Box-Muller transform. The angle is within an eighth of a turn of an axis, where the series are
// short; two more bits choose the axis.
LUCID_CLONED(void, fill_normal, (std::uint32_t key, std::uint32_t second_key, Pairs& values),
             (key, second_key, values)) {
  for (std::uint32_t i = 0; i < kPairs; ++i) {
    const std::uint32_t a = scrambled(scrambled(2 * i + key) ^ second_key);
    const std::uint32_t b = scrambled(scrambled(2 * i + 1 + key) ^ second_key);
    const float u = static_cast<float>(static_cast<std::int32_t>((a >> 8) + 1)) * 0x1p-24F;
    const float radius = std::sqrt(-2 * log_of(u));
    const float x =
        (static_cast<float>(static_cast<std::int32_t>(b >> 8)) * 0x1p-24F - 0.5F) * 1.5707963268F;
    const float z = x * x;
    const float sine = x * (1 + z * (-1.F / 6 + z * (1.F / 120 + z * (-1.F / 5040 + z / 362880))));
    const float cosine = 1 + z * (-0.5F + z * (1.F / 24 + z * (-1.F / 720 + z / 40320)));
    const float signed_radius = (b & 1U) != 0 ? -radius : radius;
    values[i] = signed_radius * ((b & 2U) != 0 ? sine : cosine);
    values[i + kPairs] = signed_radius * ((b & 2U) != 0 ? cosine : sine);
  }
}

LUCID_CLONED(void, add, (std::size_t count, float mean, float deviation, const float* x, float* y),
             (count, mean, deviation, x, y)) {
  for (std::size_t i = 0; i < count; ++i) y[i] += mean + deviation * x[i];
}

}  // namespace

void add_normal(Rng& rng, float mean, float deviation, std::span<float> values) {
  Pairs normal;
  while (!values.empty()) {
    const std::uint64_t keys = rng.next();
    fill_normal(static_cast<std::uint32_t>(keys), static_cast<std::uint32_t>(keys >> 32), normal);
    const std::size_t count = std::min(values.size(), normal.size());
    add(count, mean, deviation, normal.data(), values.data());
    values = values.subspan(count);
  }
}

}  // namespace lucid
