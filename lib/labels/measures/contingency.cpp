#include "labels/measures/contingency.h"

#include <algorithm>

namespace lucid {
namespace {

std::uint64_t key_of(Label prediction, Label truth) {
  return std::uint64_t{static_cast<std::uint32_t>(prediction)} << 32 |
         static_cast<std::uint32_t>(truth);
}

// Returns the end of the voxels from `begin` on that have one pair. So many are compared at a time,
// which is vector code.
std::size_t end_of_pair(std::span<const Label> prediction, std::span<const Label> truth,
                        std::size_t begin) {
  constexpr std::size_t kBlock = 16;
  const Label p = prediction[begin], t = truth[begin];
  std::size_t at = begin + 1;
  for (; at + kBlock <= prediction.size(); at += kBlock) {
    Label differs = 0;
    for (std::size_t i = at; i < at + kBlock; ++i) differs |= (prediction[i] ^ p) | (truth[i] ^ t);
    if (differs != 0) break;
  }
  while (at < prediction.size() && prediction[at] == p && truth[at] == t) ++at;
  return at;
}

}  // namespace

void Contingency::add(std::span<const Label> prediction, std::span<const Label> truth) {
  for (std::size_t at = 0, end; at < prediction.size(); at = end) {
    end = end_of_pair(prediction, truth, at);
    const Label p = prediction[at], t = truth[at];
    const std::uint64_t key = key_of(p, t);
    Count& count =
        at_hand_[(4 * static_cast<std::size_t>(p) + static_cast<std::size_t>(t)) % kAtHand];
    if (count.key != key) {
      if (count.voxels > 0) voxels_[count.key] += count.voxels;
      count = {key, 0};
    }
    count.voxels += static_cast<std::int64_t>(end - at);
  }
}

std::vector<LabelPair> Contingency::pairs() const {
  std::unordered_map<std::uint64_t, std::int64_t> all = voxels_;
  for (const Count& count : at_hand_)
    if (count.voxels > 0) all[count.key] += count.voxels;
  std::vector<LabelPair> pairs;
  for (const auto& [key, voxels] : all)
    pairs.push_back({static_cast<Label>(key >> 32), static_cast<Label>(key), voxels});
  std::ranges::sort(pairs, [](const LabelPair& a, const LabelPair& b) {
    return key_of(a.prediction, a.truth) < key_of(b.prediction, b.truth);
  });
  return pairs;
}

}  // namespace lucid
