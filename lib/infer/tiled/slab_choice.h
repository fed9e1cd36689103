#pragma once
// Private to this room.

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

namespace lucid {

// Identifies a slab: the planes of a volume that are final once all windows of one depth index are
// done.
struct SlabNumber {
  std::size_t volume = 0, depth = 0;
  friend auto operator<=>(const SlabNumber&, const SlabNumber&) = default;
};

// kReady: free, and the sums are there that the slab before left to it.
enum class SlabState { kFree, kReady, kTaken, kDone };
using SlabStates = std::vector<std::vector<SlabState>>;  // by volume and depth

// Chooses the slab that a process computes next; nothing if the others are sooner done by
// themselves. `next` is the slab whose sums the process holds. `again` tells of how many depths
// before a slab the windows have to be computed again to begin with it.
//
// Sums go from slab to slab, so a process goes on where it is or where sums are. Otherwise it
// begins in the middle of the longest run of free slabs, whose first half is for the process that
// is coming up to it: both are done at the same time, and only there windows are computed twice.
std::optional<SlabNumber> choose_slab(const SlabStates& states, std::optional<SlabNumber> next,
                                      const std::function<std::size_t(SlabNumber)>& again);

}  // namespace lucid
