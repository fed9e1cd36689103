#include "plan/arena.h"

#include <algorithm>
#include <numeric>

namespace lucid {
namespace {

using Order = std::vector<std::size_t>;

bool alive_together(const Lifetime& a, const Lifetime& b) {
  return a.first_step <= b.last_step && b.first_step <= a.last_step;
}

// Sizes rounded up to the alignment.
std::vector<Lifetime> aligned(std::span<const Lifetime> lifetimes, std::size_t alignment) {
  std::vector<Lifetime> result(lifetimes.begin(), lifetimes.end());
  for (Lifetime& lifetime : result)
    lifetime.bytes = (lifetime.bytes + alignment - 1) / alignment * alignment;
  return result;
}

// Each buffer at the lowest offset that leaves those before it in the order alone.
Placement place_in(const Order& order, const std::vector<Lifetime>& lifetimes) {
  Placement placement{std::vector<std::size_t>(lifetimes.size(), 0), 0};
  std::vector<std::size_t> placed;  // sorted by offset
  for (const std::size_t i : order) {
    const std::size_t size = lifetimes[i].bytes;
    std::size_t offset = 0;  // the lowest gap between the neighbours in time
    for (const std::size_t other : placed) {
      if (!alive_together(lifetimes[i], lifetimes[other])) continue;
      if (placement.offsets[other] >= offset + size) break;
      offset = std::max(offset, placement.offsets[other] + lifetimes[other].bytes);
    }
    placement.offsets[i] = offset;
    placement.total = std::max(placement.total, offset + size);
    const auto at = std::upper_bound(
        placed.begin(), placed.end(), offset,
        [&](std::size_t value, std::size_t other) { return value < placement.offsets[other]; });
    placed.insert(at, i);
  }
  return placement;
}

// What lies on top comes first from now on.
void promote_highest(Order& order, const Placement& placement,
                     const std::vector<Lifetime>& lifetimes) {
  std::stable_partition(order.begin(), order.end(), [&](std::size_t i) {
    return placement.offsets[i] + lifetimes[i].bytes == placement.total;
  });
}

}  // namespace

std::size_t busiest_step_bytes(std::span<const Lifetime> lifetimes, std::size_t alignment) {
  int last = -1;
  for (const Lifetime& lifetime : lifetimes) last = std::max(last, lifetime.last_step);
  std::vector<std::size_t> begun(static_cast<std::size_t>(last + 2), 0), ended(begun);
  for (const Lifetime& lifetime : aligned(lifetimes, alignment)) {
    begun[static_cast<std::size_t>(lifetime.first_step)] += lifetime.bytes;
    ended[static_cast<std::size_t>(lifetime.last_step + 1)] += lifetime.bytes;
  }
  std::size_t alive = 0, most = 0;
  for (std::size_t step = 0; step < begun.size(); ++step) {
    alive += begun[step] - ended[step];
    most = std::max(most, alive);
  }
  return most;
}

Placement place(std::span<const Lifetime> lifetimes, std::size_t alignment) {
  constexpr int kRounds = 100;
  const std::vector<Lifetime> buffers = aligned(lifetimes, alignment);
  const std::size_t least = busiest_step_bytes(lifetimes, alignment);
  Order order(lifetimes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return buffers[a].bytes > buffers[b].bytes;
  });
  Placement best = place_in(order, buffers), current = best;
  for (int round = 0; round < kRounds && best.total > least; ++round) {
    promote_highest(order, current, buffers);
    current = place_in(order, buffers);
    if (current.total < best.total) best = current;
  }
  return best;
}

}  // namespace lucid
