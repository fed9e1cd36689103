#include "plan/arena.h"

#include <algorithm>
#include <numeric>

namespace lucid {
namespace {

bool alive_together(const Lifetime& a, const Lifetime& b) {
  return a.first_step <= b.last_step && b.first_step <= a.last_step;
}

}  // namespace

Placement place(std::span<const Lifetime> lifetimes, std::size_t alignment) {
  const auto size_of = [&](std::size_t i) {
    return (lifetimes[i].bytes + alignment - 1) / alignment * alignment;
  };
  std::vector<std::size_t> order(lifetimes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return size_of(a) > size_of(b); });

  Placement placement{std::vector<std::size_t>(lifetimes.size(), 0), 0};
  std::vector<std::size_t> placed;  // sorted by offset
  for (const std::size_t i : order) {
    std::size_t offset = 0;  // the lowest gap between the neighbours in time
    for (const std::size_t other : placed) {
      if (!alive_together(lifetimes[i], lifetimes[other])) continue;
      if (placement.offsets[other] >= offset + size_of(i)) break;
      offset = std::max(offset, placement.offsets[other] + size_of(other));
    }
    placement.offsets[i] = offset;
    placement.total = std::max(placement.total, offset + size_of(i));
    const auto at = std::upper_bound(
        placed.begin(), placed.end(), offset,
        [&](std::size_t value, std::size_t other) { return value < placement.offsets[other]; });
    placed.insert(at, i);
  }
  return placement;
}

}  // namespace lucid
