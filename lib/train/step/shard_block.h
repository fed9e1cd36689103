#pragma once

#include <cstddef>
#include <vector>

namespace lucid {

// The sum of 2^level shards whose gradients are a node of the tree of all shards of a step.
struct ShardBlock {
  std::size_t first = 0, level = 0;
  std::size_t size() const { return std::size_t{1} << level; }
  std::size_t end() const { return first + size(); }
  friend bool operator==(const ShardBlock&, const ShardBlock&) = default;
};

// The largest nodes of the tree that shards [begin, end) of a step make.
std::vector<ShardBlock> blocks_of(std::size_t begin, std::size_t end);

}  // namespace lucid
