#pragma once

#include <algorithm>
#include <span>

#include "data/loader/loader.h"

namespace lucid {

// One of the parts into which a batch is divided, by samples side by side; sizes differ by 1 at
// most.
struct Shard {
  std::size_t size = 0;
  std::span<const float> samples, targets;
};

// The shards of a batch that have samples.
inline std::size_t shard_count(std::size_t batch_size, std::size_t shards) {
  return std::min(batch_size, shards);
}

// The samples of the largest shard of a batch.
inline std::size_t shard_size(std::size_t batch_size, std::size_t shards) {
  return (batch_size + shards - 1) / shards;
}

// Shard i of shard_count(); the last is the largest.
inline Shard shard_of(const Batch& batch, std::size_t shards, std::size_t i) {
  const std::size_t count = shard_count(batch.size, shards);
  const std::size_t first = batch.size * i / count, end = batch.size * (i + 1) / count;
  const auto part = [&](const std::vector<float>& of_batch) {
    const std::size_t each = of_batch.size() / batch.size;
    return std::span(of_batch).subspan(first * each, (end - first) * each);
  };
  return {end - first, part(batch.samples), part(batch.targets)};
}

}  // namespace lucid
