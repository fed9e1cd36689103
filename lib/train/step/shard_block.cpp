#include "train/step/shard_block.h"

#include <algorithm>
#include <bit>

namespace lucid {

std::vector<ShardBlock> blocks_of(std::size_t begin, std::size_t end) {
  std::vector<ShardBlock> blocks;
  while (begin < end) {
    const auto largest = static_cast<std::size_t>(std::bit_width(end - begin) - 1);
    const auto aligned = static_cast<std::size_t>(std::countr_zero(begin));  // all bits of 0
    blocks.push_back({begin, std::min(largest, aligned)});
    begin += blocks.back().size();
  }
  return blocks;
}

}  // namespace lucid
