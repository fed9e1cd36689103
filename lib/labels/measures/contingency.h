#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "labels/label_planes.h"

namespace lucid {

// How many voxels have one label in the prediction and another one in the truth.
struct LabelPair {
  Label prediction, truth;
  std::int64_t voxels;
};

// Counts the pairs of labels of two volumes: a confusion matrix that holds only what occurs.
class Contingency {
 public:
  // Adds voxels that lie in the same places of both.
  void add(std::span<const Label> prediction, std::span<const Label> truth);
  // Returns the pairs that occur, by prediction, then truth.
  std::vector<LabelPair> pairs() const;

 private:
  struct Count {
    std::uint64_t key = 0;  // both labels
    std::int64_t voxels = 0;
  };
  // Neighbours mostly have the same pair, and the pair before the last one is often the next: a few
  // counts are at hand, and what they give way to is added to the others.
  static constexpr std::size_t kAtHand = 16;

  std::array<Count, kAtHand> at_hand_{};
  std::unordered_map<std::uint64_t, std::int64_t> voxels_;
};

}  // namespace lucid
