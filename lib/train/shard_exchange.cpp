#include "train/shard_exchange.h"

#include <algorithm>
#include <bit>
#include <cstring>

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

std::size_t GradientExchange::gradient_bytes() const {
  std::size_t bytes = 0;
  for (const Parameter& parameter : parameters_)
    if (parameter.gradient) bytes += parameter.gradient.values().size_bytes();
  return bytes;
}

// The next gradients take its place.
void GradientExchange::add_pending(GradientSum& sum, Engine& engine) {
  if (is_pending_) sum.add(engine, parameters_, pending_level_);
  is_pending_ = false;
}

void GradientExchange::begin(GradientSum& sum, Engine& engine, std::size_t blocks) {
  add_pending(sum, engine);
  own_.resize(blocks * gradient_bytes());
  put_ = 0;
}

void GradientExchange::put() {
  for (const Parameter& parameter : parameters_) {
    if (!parameter.gradient) continue;
    const auto bytes = std::as_bytes(parameter.gradient.values());
    std::ranges::copy(bytes, own_.begin() + static_cast<std::ptrdiff_t>(put_));
    put_ += bytes.size();
  }
}

void GradientExchange::load(const std::byte* from) {
  for (Parameter& parameter : parameters_) {
    if (!parameter.gradient) continue;
    const std::size_t bytes = parameter.gradient.values().size_bytes();
    std::memcpy(parameter.gradient.values().data(), from, bytes);
    from += bytes;
  }
}

void GradientExchange::add_to(GradientSum& sum, Engine& engine, std::size_t first,
                              std::size_t count) {
  const std::size_t bytes = gradient_bytes();
  const auto of_ranks = ranks_.gathered_bytes(own_);
  for (int rank = 0; rank < ranks_.size(); ++rank) {
    const auto [begin, end] = ranks_.share_of(rank, count);
    const std::byte* from = of_ranks[static_cast<std::size_t>(rank)].data();
    for (const ShardBlock& block : blocks_of(first + begin, first + end)) {
      add_pending(sum, engine);
      load(from);
      from += bytes;
      is_pending_ = true;
      pending_level_ = block.level;
    }
  }
}

void GradientExchange::finish(GradientSum& sum) {
  sum.finish(parameters_);
  is_pending_ = false;
}

}  // namespace lucid
