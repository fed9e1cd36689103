#pragma once

#include <cstdint>
#include <vector>

namespace lucid {

// The order in which an epoch goes through the samples of a set, a function of (seed, epoch) alone.
struct SampleOrder {
  bool shuffle = true;
  std::uint64_t seed = 0;

  std::vector<std::size_t> of_epoch(std::int64_t epoch, std::size_t samples) const;
};

}  // namespace lucid
