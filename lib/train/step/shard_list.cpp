#include "train/step/shard_list.h"

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

void append_sums(const ObjectiveSums& sums, std::vector<double>& list) {
  list.push_back(static_cast<double>(sums.of_losses.size()));
  for (const std::vector<double>& of_loss : sums.of_losses) {
    list.push_back(static_cast<double>(of_loss.size()));
    list.insert(list.end(), of_loss.begin(), of_loss.end());
  }
}

ObjectiveSums taken_sums(std::span<const double>& list) {
  const auto take = [&](std::size_t count) {
    const auto taken = list.first(count);
    list = list.subspan(count);
    return taken;
  };
  ObjectiveSums sums;
  sums.of_losses.resize(static_cast<std::size_t>(take(1)[0]));
  for (std::vector<double>& of_loss : sums.of_losses) {
    const auto numbers = take(static_cast<std::size_t>(take(1)[0]));
    of_loss.assign(numbers.begin(), numbers.end());
  }
  return sums;
}

}  // namespace lucid
