#include "plan/arena.h"

#include <algorithm>
#include <numeric>

namespace lucid {
namespace {

using Order = std::vector<std::size_t>;

bool alive_together(const LiveRange& a, const LiveRange& b) {
  return a.first_step <= b.last_step && b.first_step <= a.last_step;
}

// Widens ranges to multiples of the alignment; those of one buffer may then overlap.
std::vector<Buffer> aligned(std::span<const Buffer> buffers, std::size_t alignment) {
  std::vector<Buffer> result(buffers.begin(), buffers.end());
  const auto round_up = [&](std::size_t bytes) {
    return (bytes + alignment - 1) / alignment * alignment;
  };
  for (Buffer& buffer : result) {
    buffer.bytes = round_up(buffer.bytes);
    for (LiveRange& range : buffer.ranges) {
      range.begin = range.begin / alignment * alignment;
      range.end = round_up(range.end);
    }
  }
  return result;
}

// Returns the lowest offset where the buffer meets none of the placed ranges, which are sorted by
// begin. A range that has to move up takes the other ranges of its buffer along.
std::size_t lowest_offset(const Buffer& buffer, const std::vector<LiveRange>& placed) {
  std::size_t offset = 0, tried = 0;
  do {
    tried = offset;
    for (const LiveRange& range : buffer.ranges)
      for (const LiveRange& other : placed) {
        if (other.begin >= offset + range.end) break;
        if (alive_together(range, other) && other.end > offset + range.begin)
          offset = other.end - range.begin;
      }
  } while (offset != tried && buffer.ranges.size() > 1);
  return offset;
}

Placement place_in(const Order& order, const std::vector<Buffer>& buffers) {
  Placement placement{std::vector<std::size_t>(buffers.size(), 0), 0};
  std::vector<LiveRange> placed;
  for (const std::size_t i : order) {
    const std::size_t offset = lowest_offset(buffers[i], placed);
    placement.offsets[i] = offset;
    placement.total = std::max(placement.total, offset + buffers[i].bytes);
    for (LiveRange range : buffers[i].ranges) {
      range.begin += offset;
      range.end += offset;
      const auto at = std::ranges::upper_bound(placed, range.begin, {}, &LiveRange::begin);
      placed.insert(at, range);
    }
  }
  return placement;
}

// Buffers that reach the top of the block are placed first from now on.
void promote_highest(Order& order, const Placement& placement, const std::vector<Buffer>& buffers) {
  std::stable_partition(order.begin(), order.end(), [&](std::size_t i) {
    return placement.offsets[i] + buffers[i].bytes == placement.total;
  });
}

}  // namespace

std::size_t busiest_step_bytes(std::span<const Buffer> buffers, std::size_t alignment) {
  int last = -1;
  for (const Buffer& buffer : buffers)
    for (const LiveRange& range : buffer.ranges) last = std::max(last, range.last_step);
  std::vector<std::size_t> begun(static_cast<std::size_t>(last + 2), 0), ended(begun);
  for (const Buffer& buffer : aligned(buffers, alignment))
    for (const LiveRange& range : buffer.ranges) {
      begun[static_cast<std::size_t>(range.first_step)] += range.end - range.begin;
      ended[static_cast<std::size_t>(range.last_step + 1)] += range.end - range.begin;
    }
  std::size_t alive = 0, most = 0;
  for (std::size_t step = 0; step < begun.size(); ++step) {
    alive += begun[step] - ended[step];
    most = std::max(most, alive);
  }
  return most;
}

Placement place(std::span<const Buffer> wanted, std::size_t alignment) {
  constexpr int kRounds = 100;
  const std::vector<Buffer> buffers = aligned(wanted, alignment);
  const std::size_t least = busiest_step_bytes(wanted, alignment);
  Order order(buffers.size());
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
