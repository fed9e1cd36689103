#include "data/volumes/sample_order.h"

#include <numeric>
#include <string>

#include "base/rng.h"

namespace lucid {

std::vector<std::size_t> SampleOrder::of_epoch(std::int64_t epoch, std::size_t samples) const {
  if (shuffle) {
    Rng rng(seed, "order/" + std::to_string(epoch));
    return permutation(samples, rng);
  }
  std::vector<std::size_t> order(samples);
  std::iota(order.begin(), order.end(), std::size_t{0});
  return order;
}

}  // namespace lucid
