#include "folds/k_fold.h"

#include <algorithm>
#include <bit>
#include <numeric>
#include <random>

namespace lucid {
namespace {

// Draws as numpy's RandomState does: numbers of 32 bits, as many of their lower bits as `most`
// needs, until one is not above it.
std::uint32_t drawn_up_to(std::uint32_t most, std::mt19937& random) {
  const std::uint32_t mask = ~std::uint32_t{0} >> std::countl_zero(most);
  for (;;)
    if (const auto drawn = static_cast<std::uint32_t>(random()) & mask; drawn <= most) return drawn;
}

}  // namespace

std::vector<std::vector<std::size_t>> held_out_cases(std::size_t cases, std::size_t folds,
                                                     std::uint32_t seed) {
  std::vector<std::size_t> order(cases);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::mt19937 random(seed);  // the standard fixes its numbers, which are those of numpy
  for (std::size_t i = cases - 1; i > 0; --i)
    std::swap(order[i], order[drawn_up_to(static_cast<std::uint32_t>(i), random)]);
  std::vector<std::vector<std::size_t>> held_out(folds);
  auto next = order.begin();
  for (std::size_t fold = 0; fold < folds; ++fold) {
    const std::size_t count = cases / folds + (fold < cases % folds ? 1 : 0);
    const auto end = next + static_cast<std::ptrdiff_t>(count);
    held_out[fold].assign(next, end);
    std::ranges::sort(held_out[fold]);
    next = end;
  }
  return held_out;
}

}  // namespace lucid
