#include "kernels/pool/pair_tile.h"

#include "kernels/simd/bfloat16.h"

namespace lucid {

namespace {

float relu(float value, float slope) {
  if (!(value <= 0.F)) return value;
  return slope == 0.F ? 0.F : slope * value;
}

}  // namespace

template <class Element>
void pool_pairs_with_nans(std::int64_t lanes, const Element* x, const Triple& steps,
                          const PairTile<Element>& to) {
  const std::int64_t windows = to.planes * to.rows * to.columns;
  for (std::int64_t i = 0; i < windows * lanes; ++i) {
    const std::int64_t lane = i % lanes, w = i / lanes % to.columns;
    const std::int64_t h = i / lanes / to.columns % to.rows, d = i / lanes / to.columns / to.rows;
    const Element* from = x + 2 * (d * steps[0] + h * steps[1] + w * steps[2]) + lane;
    float best = relu(to_float(*from), to.slope);
    int place = 0;
    for (int at = 1; at < 8; ++at) {
      const float value = relu(
          to_float(from[at / 4 * steps[0] + at / 2 % 2 * steps[1] + at % 2 * steps[2]]), to.slope);
      if (!(value > best) && value == value) continue;
      best = value;
      place = at;
    }
    const std::int64_t out = d * to.plane + h * to.row + w * to.column + lane;
    to.y[out] = from_float<Element>(best);
    if (to.index != nullptr) to.index[out] = static_cast<std::uint8_t>(place);
  }
}

template void pool_pairs_with_nans(std::int64_t, const float*, const Triple&,
                                   const PairTile<float>&);
template void pool_pairs_with_nans(std::int64_t, const Bfloat16*, const Triple&,
                                   const PairTile<Bfloat16>&);

}  // namespace lucid
