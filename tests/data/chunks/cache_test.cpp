#include "data/chunks/cache.h"

#include <thread>

#include "data/chunks/stored_x.h"

using namespace lucid;
using namespace lucid::test;

TEST_CASE("a chunk is read and decoded once while the budget lasts") {
  const TempDir dir;
  store_x(dir / "a.h5", {8, 8}, H5T_STD_I16LE, chunks({4, 4}, both));
  ChunkCache cache(3 * 32);
  const ChunkedArray array(open_x(dir / "a.h5"), cache);
  by_chunks(array, {{0, 0}, {4, 8}});  // reads chunks 0, 1
  by_chunks(array, {{1, 1}, {2, 2}});  // reads chunk 0
  CHECK(cache.counts().misses == 2);
  CHECK(cache.counts().hits == 1);
  by_chunks(array, {{4, 0}, {4, 8}});  // reads 2, 3; evicts 1, used before 0
  CHECK(cache.counts().misses == 4);
  CHECK(cache.held_bytes() == 3 * 32);
  by_chunks(array, {{0, 0}, {1, 1}});  // reads 0
  CHECK(cache.counts().hits == 2);
  by_chunks(array, {{0, 4}, {1, 1}});  // reads 1
  CHECK(cache.counts().misses == 5);
  CHECK(cache.counts().decoded_bytes == 5 * 32);
  CHECK(cache.counts().stored_bytes > 0);
}

TEST_CASE("datasets opened twice share their chunks") {
  const TempDir dir;
  store_x(dir / "a.h5", {8, 8}, H5T_STD_I16LE, chunks({4, 4}, both));
  store_x(dir / "b.h5", {8, 8}, H5T_STD_I16LE, chunks({4, 4}, both));
  ChunkCache cache(kMegabyte);
  const ChunkedArray first(open_x(dir / "a.h5"), cache), second(open_x(dir / "a.h5"), cache);
  const ChunkedArray other(open_x(dir / "b.h5"), cache);
  by_chunks(first, {{0, 0}, {8, 8}});
  by_chunks(second, {{0, 0}, {8, 8}});
  CHECK(cache.counts().misses == 4);
  by_chunks(other, {{0, 0}, {8, 8}});
  CHECK(cache.counts().misses == 8);
}

TEST_CASE("a budget smaller than a chunk keeps nothing") {
  const TempDir dir;
  store_x(dir / "a.h5", {6, 8}, H5T_STD_I32LE, chunks({4, 4}, both));
  ChunkCache cache(10);
  const ChunkedArray array(open_x(dir / "a.h5"), cache);
  const hdf5::Region region{{1, 1}, {5, 6}};
  CHECK(by_chunks(array, region) == by_hdf5(array.array(), region));
  CHECK(by_chunks(array, region) == by_hdf5(array.array(), region));
  CHECK(cache.held_bytes() == 0);
  CHECK(cache.counts().misses == 8);
}

TEST_CASE("several threads read regions of one array and decode each chunk once") {
  const TempDir dir;
  store_x(dir / "a.h5", {40, 50, 60}, H5T_STD_I16LE, chunks({16, 16, 16}, both));
  ChunkCache cache(kMegabyte);
  const ChunkedArray array(open_x(dir / "a.h5"), cache);
  std::vector<std::string> wrong(4);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < wrong.size(); ++t)
    threads.emplace_back([&, t] {
      Rng rng(t, "threads");
      for (int i = 0; i < 25; ++i) {
        const hdf5::Region region = random_region(array.array().info().extents, rng);
        if (by_chunks(array, region) != by_hdf5(array.array(), region)) wrong[t] = "differs";
      }
      by_chunks(array, whole(array.array()));
    });
  for (std::thread& thread : threads) thread.join();
  for (const std::string& each : wrong) CHECK(each.empty());
  CHECK(cache.counts().misses == 3 * 4 * 4);
}
