#include "infer/tiled/slab_choice.h"

namespace lucid {
namespace {

bool is_open(SlabState state) { return state == SlabState::kFree || state == SlabState::kReady; }

std::optional<SlabNumber> first_ready(const SlabStates& states) {
  for (std::size_t volume = 0; volume < states.size(); ++volume)
    for (std::size_t depth = 0; depth < states[volume].size(); ++depth)
      if (states[volume][depth] == SlabState::kReady) return SlabNumber{volume, depth};
  return std::nullopt;
}

// Free slabs [begin, end) of a volume.
struct FreeRun {
  std::size_t volume = 0, begin = 0, end = 0;
  std::size_t size() const { return end - begin; }
};

FreeRun longest_run(const SlabStates& states) {
  FreeRun longest;
  for (std::size_t volume = 0; volume < states.size(); ++volume)
    for (std::size_t begin = 0, end = 0; begin < states[volume].size(); begin = end + 1) {
      for (end = begin; end < states[volume].size() && is_open(states[volume][end]);) ++end;
      if (end - begin > longest.size()) longest = {volume, begin, end};
    }
  return longest;
}

}  // namespace

std::optional<SlabNumber> choose_slab(const SlabStates& states, std::optional<SlabNumber> next,
                                      const std::function<std::size_t(SlabNumber)>& again) {
  if (next && is_open(states[next->volume][next->depth])) return next;
  if (const auto ready = first_ready(states)) return ready;
  const FreeRun run = longest_run(states);
  if (run.size() == 0) return std::nullopt;
  const SlabNumber first{run.volume, run.begin};
  if (states[run.volume][run.begin - 1] != SlabState::kTaken) return first;
  // The other process is still at the slab before: it has `middle - begin + 1` to go.
  const std::size_t middle = (run.begin + run.end + again(first)) / 2;
  if (middle >= run.end) return std::nullopt;
  return SlabNumber{run.volume, middle};
}

}  // namespace lucid
