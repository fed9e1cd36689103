#include "train/step/reduction.h"

#include <doctest/doctest.h>

#include "base/rng.h"
#include "ranks/local_ranks.h"

namespace lucid::test {
namespace {

// Several buckets. Nothing here starts threads: local ranks are forks.
constexpr std::size_t kGradients = 3 * kBucket / sizeof(float) / 2 + 5;  // several buckets

std::vector<float> gradients_of(std::size_t shard) {
  Rng rng(shard, "gradients");
  std::vector<float> values(kGradients);
  for (float& value : values) value = rng.uniform(-1, 1);
  return values;
}

// The sum of the batches of a step, of so many shards each, by one process.
std::vector<float> sum_alone(const std::vector<std::size_t>& batches) {
  GradientSum sum;
  sum.begin(kGradients, false);
  std::size_t total = 0;
  for (const std::size_t count : batches) total += count;
  std::vector<float> values;
  for (std::size_t shard = 0; shard < total; ++shard) {
    values = gradients_of(shard);
    if (shard + 1 < total)
      sum.add(values, 0, shard);
    else
      sum.finish(values, 0, shard);
  }
  return values;
}

std::vector<float> block_sum(const ShardBlock& block) {
  GradientSum sum;
  sum.begin(kGradients, false);
  std::vector<float> values;
  for (std::size_t i = 0; i < block.size(); ++i) {
    values = gradients_of(block.first + i);
    if (i + 1 < block.size()) sum.add(values, 0, i);
  }
  sum.finish(values, 0, block.size() - 1);
  return values;
}

std::vector<float> sum_of_ranks(Ranks& ranks, const std::vector<std::size_t>& batches) {
  GradientSum sum;
  sum.begin(kGradients, false);
  std::vector<float> gradients(kGradients);
  std::size_t first = 0;
  for (std::size_t batch = 0; batch < batches.size(); ++batch) {
    const auto [begin, end] = ranks.share(batches[batch]);
    std::vector<std::vector<float>> own;
    for (const ShardBlock& block : blocks_of(first + begin, first + end))
      own.push_back(block_sum(block));
    std::vector<std::span<float>> spans(own.begin(), own.end());
    if (!own.empty()) {
      gradients = own.back();
      spans.back() = gradients;
    }
    GradientReduction reduction(ranks, sum, spans, first, batches[batch],
                                batch + 1 == batches.size());
    for (const Bucket& bucket : buckets_of(kGradients)) reduction.run(bucket, gradients);
    first += batches[batch];
  }
  return gradients;
}

}  // namespace

TEST_CASE("buckets are side by side, the first and the last are small ones") {
  const std::vector<Bucket> buckets = buckets_of(kGradients);
  REQUIRE(buckets.size() == 4);
  CHECK(buckets[0].begin == 0);
  CHECK(buckets[0].size() == kFirstBucket / sizeof(float));
  CHECK(buckets[1].size() == kBucket / sizeof(float));
  for (std::size_t i = 1; i < 4; ++i) CHECK(buckets[i].begin == buckets[i - 1].end);
  CHECK(buckets[3].size() == kLastBucket / sizeof(float));
  CHECK(buckets[3].end == kGradients);
  CHECK(buckets_of(0).empty());
  CHECK(buckets_of(3).size() == 1);
}

TEST_CASE("ranks add gradients up to the bits of one process") {
  const std::vector<std::vector<std::size_t>> steps{{8}, {4, 4, 2}, {5}, {3, 3}, {1}, {7, 8}};
  for (const auto& batches : steps) {
    const std::vector<float> wanted = sum_alone(batches);
    for (const int count : {2, 3, 4, 5}) {
      CAPTURE(batches.size());
      CAPTURE(batches[0]);
      CAPTURE(count);
      const auto compare = [&](Ranks& ranks) {
        return ranks.any(sum_of_ranks(ranks, batches) != wanted) ? 1 : 0;
      };
      CHECK(run_local_ranks(count, compare, [] { return 0; }) == 0);
    }
  }
}

}  // namespace lucid::test
