#include "data/loader/loader.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

#include "data/volumes/memory_set.h"
#include "support/approx.h"
#include "support/from_text.h"

using namespace lucid;
using namespace lucid::test;

namespace {

std::vector<std::vector<std::size_t>> batches_of(Loader& loader, std::int64_t epoch,
                                                 std::size_t first_batch = 0) {
  std::vector<std::vector<std::size_t>> batches;
  loader.start(epoch, first_batch);
  while (const Batch* batch = loader.next()) batches.push_back(batch->indices);
  return batches;
}

std::vector<std::size_t> joined(const std::vector<std::vector<std::size_t>>& batches) {
  std::vector<std::size_t> all;
  for (const auto& batch : batches) all.insert(all.end(), batch.begin(), batch.end());
  return all;
}

struct FailingSet : MemorySet {
  std::size_t failing;
  FailingSet(std::size_t count, std::size_t fails_at)
      : MemorySet(counting_set(count)), failing(fails_at) {}
  void read_sample(std::size_t index, std::span<float> sample) const override {
    if (index == failing) throw Error(ExitCode::kData, "a.h5: broken");
    MemorySet::read_sample(index, sample);
  }
};

constexpr std::size_t kPrefetch[] = {0, 1, 3};

}  // namespace

TEST_CASE("an epoch reads every sample once, in an order of its own") {
  const MemorySet set = counting_set(23);
  std::vector<std::size_t> stored(23);
  std::iota(stored.begin(), stored.end(), std::size_t{0});
  for (const std::size_t prefetch : kPrefetch) {
    Loader loader(set, {.batch_size = 5, .seed = 7, .prefetch = prefetch}, {});
    CHECK(loader.batches() == 5);
    const auto first = joined(batches_of(loader, 1)), second = joined(batches_of(loader, 2));
    CHECK(first != stored);
    CHECK(first != second);
    CHECK(joined(batches_of(loader, 1)) == first);
    auto sorted = first;
    std::sort(sorted.begin(), sorted.end());
    CHECK(sorted == stored);
    Loader other(set, {.batch_size = 5, .seed = 8}, {});
    CHECK(joined(batches_of(other, 1)) != first);
    Loader larger(set, {.batch_size = 8, .seed = 7}, {});
    CHECK(joined(batches_of(larger, 1)) == first);
  }
}

TEST_CASE("without shuffling samples come as stored, with their targets") {
  const MemorySet set = counting_set(5);
  for (const std::size_t prefetch : kPrefetch) {
    Loader loader(set, {.batch_size = 2, .shuffle = false, .prefetch = prefetch},
                  {.mean = {1}, .std = {2}});
    loader.start(1);
    loader.next();
    const Batch* batch = loader.next();
    CHECK(batch->size == 2);
    CHECK(batch->indices == std::vector<std::size_t>{2, 3});
    CHECK(batch->samples == approx({0.5, 1}));
    CHECK(batch->targets == approx({20, 30}));
    CHECK(loader.next()->samples == approx({1.5}));
    CHECK(loader.next() == nullptr);
    CHECK(loader.next() == nullptr);
    CHECK(loader.wait_seconds() >= 0);
  }
}

TEST_CASE("an epoch resumed at any batch continues with the remaining ones") {
  const MemorySet set = counting_set(11);
  for (const std::size_t prefetch : kPrefetch) {
    Loader loader(set, {.batch_size = 3, .seed = 1, .prefetch = prefetch}, {});
    const auto whole = batches_of(loader, 4);
    for (std::size_t first = 0; first <= whole.size(); ++first) {
      Loader resumed(set, {.batch_size = 3, .seed = 1, .prefetch = prefetch}, {});
      const auto rest = batches_of(resumed, 4, first);
      CHECK(rest == std::vector(whole.begin() + static_cast<std::ptrdiff_t>(first), whole.end()));
    }
  }
}

TEST_CASE("drop_last leaves out the smaller batch") {
  const MemorySet set = counting_set(7);
  Loader loader(set, {.batch_size = 3, .drop_last = true}, {});
  CHECK(loader.batches() == 2);
  CHECK(joined(batches_of(loader, 1)).size() == 6);
  CHECK(error_of([&] { Loader(set, {.batch_size = 8, .drop_last = true}, {}); }) ==
        "2: /data/drop_last: expected at least one whole batch of 8, found 7 samples; lower "
        "batch_size or drop no batch");
}

TEST_CASE("a batch larger than the set is the whole set") {
  const MemorySet set = counting_set(3);
  Loader loader(set, {.batch_size = std::size_t{1} << 62, .shuffle = false}, {});
  CHECK(batches_of(loader, 1) == std::vector<std::vector<std::size_t>>{{0, 1, 2}});
}

TEST_CASE("an error while reading reaches next(), after the batches before it") {
  const FailingSet set(6, 4);
  for (const std::size_t prefetch : kPrefetch) {
    for (const std::size_t workers : {1U, 3U}) {
      Loader loader(
          set, {.batch_size = 2, .shuffle = false, .prefetch = prefetch, .workers = workers}, {});
      loader.start(1);
      CHECK(loader.next()->indices[0] == 0);
      CHECK(loader.next()->indices[0] == 2);
      CHECK(error_of([&] { loader.next(); }) == "3: a.h5: broken");
      loader.start(2);
      CHECK(loader.next()->indices[0] == 0);
    }
  }
}

TEST_CASE("an epoch may be left at any time") {
  const MemorySet set = counting_set(100);
  for (unsigned taken = 0; taken < 4; ++taken) {
    Loader loader(set, {.batch_size = 2, .shuffle = false, .workers = 1 + 2 * (taken % 2)}, {});
    loader.start(1);
    for (unsigned i = 0; i < taken; ++i) loader.next();
    loader.start(2, 3);
    CHECK(loader.next()->indices[0] == 6);
  }
  const Loader never_started(set, {}, {});
}

TEST_CASE("batches can be seen before they come") {
  const MemorySet set = counting_set(11);
  for (const std::size_t prefetch : kPrefetch)
    for (const std::size_t workers : {0U, 1U, 3U}) {
      Loader loader(
          set, {.batch_size = 3, .seed = 1, .prefetch = prefetch, .workers = workers, .peek = 3},
          {});
      const auto expected = batches_of(loader, 2);
      loader.start(2);
      for (std::size_t first = 0; first < expected.size(); ++first) {
        const auto seen = loader.peek(3);
        CHECK(seen.size() == std::min<std::size_t>(3, expected.size() - first));
        for (std::size_t i = 0; i < seen.size(); ++i)
          CHECK(seen[i]->indices == expected[first + i]);
        const std::vector<float> samples = seen[0]->samples, targets = seen[0]->targets;
        const Batch* batch = loader.next();
        CHECK(batch->samples == samples);
        CHECK(batch->targets == targets);
      }
      CHECK(loader.peek(3).empty());
      CHECK(loader.next() == nullptr);
    }
}

TEST_CASE("an error in any of the batches that are seen before they come is told") {
  const FailingSet set(6, 4);
  for (const std::size_t workers : {0U, 1U, 3U}) {
    Loader loader(set, {.batch_size = 2, .shuffle = false, .workers = workers, .peek = 3}, {});
    loader.start(1);
    CHECK(loader.peek(2).size() == 2);
    CHECK(error_of([&] { loader.peek(3); }) == "3: a.h5: broken");
  }
}
