#include "data/chunks/chunked_array.h"

#include "data/chunks/stored_x.h"

using namespace lucid;
using namespace lucid::test;

TEST_CASE("arrays of one to five axes are read in chunks") {
  const TempDir dir;
  const std::vector<hsize_t> extents{3, 5, 4, 6, 7}, chunk{2, 2, 3, 6, 5};
  for (std::size_t rank = 1; rank <= 5; ++rank) {
    CAPTURE(rank);
    const auto behind = [rank](const std::vector<hsize_t>& of) {
      return std::vector<hsize_t>(of.end() - static_cast<std::ptrdiff_t>(rank), of.end());
    };
    for (const Setting& set : {chunks(behind(chunk), both), Setting([](hid_t) {})}) {
      store_x(dir / "a.h5", behind(extents), H5T_STD_I16LE, set);
      check_as_hdf5_reads(dir / "a.h5");
    }
  }
}

TEST_CASE("a scalar is read") {
  const TempDir dir;
  store(dir / "a.h5", "x", {{}, {5}, H5T_STD_I16LE});
  ChunkCache cache(0);
  const ChunkedArray array(open_x(dir / "a.h5"), cache);
  CHECK(by_chunks(array, {{}, {}}) == Bytes{std::byte{5}, std::byte{0}});
  CHECK(array.chunk_extents().empty());
}

TEST_CASE("chunks that were never written hold the fill value") {
  const TempDir dir;
  const std::int16_t seven = 7;
  const auto filled = [&](hid_t creation) {
    both(creation);
    H5Pset_fill_value(creation, H5T_NATIVE_INT16, &seven);
  };
  const auto fletcher = [&](hid_t creation) {
    H5Pset_fletcher32(creation);
    H5Pset_fill_value(creation, H5T_NATIVE_INT16, &seven);
  };
  for (const hid_t type : {H5T_STD_I16LE, H5T_STD_I16BE})
    for (const Setting& set : {chunks({2, 4}, filled), chunks({2, 4}, fletcher)}) {
      store_x(dir / "a.h5", {5, 6}, type, set, Content::kNone);
      check_as_hdf5_reads(dir / "a.h5");
      change_x(dir / "a.h5", [](hid_t array) {
        const hsize_t start[] = {2, 0}, count[] = {1, 3};
        const std::int16_t values[] = {1, 2, 3};
        const hid_t space = H5Dget_space(array), memory = H5Screate_simple(2, count, nullptr);
        H5Sselect_hyperslab(space, H5S_SELECT_SET, start, nullptr, count, nullptr);
        H5Dwrite(array, H5T_NATIVE_INT16, memory, space, H5P_DEFAULT, values);
        H5Sclose(memory);
        H5Sclose(space);
      });
      check_as_hdf5_reads(dir / "a.h5");
      ChunkCache cache(kMegabyte);
      const auto bytes = by_chunks(ChunkedArray(open_x(dir / "a.h5"), cache), {{2, 2}, {1, 2}});
      CHECK(bytes == Bytes{std::byte{3}, std::byte{0}, std::byte{7}, std::byte{0}});
    }
}

TEST_CASE("a chunk that was stored without one of its filters is read") {
  const TempDir dir;
  // Each bit of the mask skips one of the two filters.
  for (const std::uint32_t left_out : {0U, 1U, 2U, 3U}) {
    CAPTURE(left_out);
    store_x(dir / "a.h5", {4, 8}, H5T_STD_I16LE, chunks({2, 8}, both));
    change_x(dir / "a.h5", [&](hid_t array) {
      if (left_out == 0) return;
      // HDF5 encodes these elements in a dataset with only the filters that are left; the chunk is
      // moved from there.
      Bytes plain(32);
      for (std::size_t i = 0; i < plain.size(); ++i) plain[i] = static_cast<std::byte>(i % 5);
      const hid_t file = H5Fcreate((dir / "b.h5").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
      const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
      const hsize_t extents[] = {2, 8}, start[] = {2, 0}, zero[] = {0, 0};
      H5Pset_chunk(creation, 2, extents);
      if (left_out == 1) H5Pset_deflate(creation, 4);
      if (left_out == 2) H5Pset_shuffle(creation);
      const hid_t space = H5Screate_simple(2, extents, nullptr);
      const hid_t other =
          H5Dcreate2(file, "x", H5T_STD_I16LE, space, H5P_DEFAULT, creation, H5P_DEFAULT);
      H5Dwrite(other, H5T_NATIVE_INT16, H5S_ALL, H5S_ALL, H5P_DEFAULT, plain.data());
      H5Fflush(other, H5F_SCOPE_GLOBAL);
      hsize_t bytes = 0;
      H5Dget_chunk_storage_size(other, zero, &bytes);
      Bytes packed(bytes);
      std::uint32_t mask = 0;
      H5Dread_chunk(other, H5P_DEFAULT, zero, &mask, packed.data());
      REQUIRE(H5Dwrite_chunk(array, H5P_DEFAULT, left_out, start, packed.size(), packed.data()) >=
              0);
      H5Dclose(other);
      H5Sclose(space);
      H5Pclose(creation);
      H5Fclose(file);
    });
    check_as_hdf5_reads(dir / "a.h5");
  }
}

TEST_CASE("an empty region reads nothing") {
  const TempDir dir;
  store_x(dir / "a.h5", {4, 8}, H5T_STD_I16LE, chunks({2, 8}, both));
  ChunkCache cache(kMegabyte);
  const ChunkedArray array(open_x(dir / "a.h5"), cache);
  array.read_stored({{1, 1}, {0, 3}}, {});
  array.read_stored({{4, 8}, {0, 0}}, {}, 2);
  CHECK(cache.counts().misses == 0);
  CHECK(cache.counts().stored_bytes == 0);
}

TEST_CASE("wide gaps of a contiguous dataset are skipped, narrow ones read over") {
  const TempDir dir;
  store_x(dir / "a.h5", {3, 40, 40000}, H5T_STD_U8LE, [](hid_t) {});
  ChunkCache cache(0);
  const ChunkedArray array(open_x(dir / "a.h5"), cache);
  for (const hdf5::Region& region :
       {hdf5::Region{{0, 3, 100}, {3, 30, 20}}, hdf5::Region{{0, 3, 100}, {3, 30, 39000}},
        hdf5::Region{{1, 0, 0}, {2, 40, 40000}}, hdf5::Region{{0, 0, 39999}, {3, 40, 1}}})
    CHECK(by_chunks(array, region) == by_hdf5(array.array(), region));
  const std::uint64_t before = cache.counts().stored_bytes;
  by_chunks(array, {{0, 3, 100}, {1, 30, 20}});
  CHECK(cache.counts().stored_bytes - before == 30 * 20);
}

TEST_CASE("a large chunk without filters is not read whole for a part of it") {
  const TempDir dir;
  store_x(dir / "a.h5", {10, 1024, 1024}, H5T_STD_U8LE, chunks({10, 1024, 1024}));
  ChunkCache cache(kMegabyte);
  const ChunkedArray array(open_x(dir / "a.h5"), cache);
  const hdf5::Region region{{2, 100, 50}, {5, 60, 70}};
  CHECK(by_chunks(array, region) == by_hdf5(array.array(), region));
  CHECK(cache.counts().decoded_bytes == 5 * 60 * 70);
}

TEST_CASE("a file that is opened again finds its chunks in the cache, another file does not") {
  const TempDir dir;
  for (const char* name : {"a.h5", "b.h5"})
    store_x(dir / name, {4, 8}, H5T_STD_I16LE, chunks({2, 8}, both));
  ChunkCache cache(kMegabyte);
  const hdf5::Region region{{0, 0}, {4, 8}};
  const Bytes first = by_chunks(ChunkedArray(open_x(dir / "a.h5"), cache), region);
  CHECK(cache.counts().misses == 2);
  CHECK(by_chunks(ChunkedArray(open_x(dir / "a.h5"), cache), region) == first);
  CHECK(cache.counts().misses == 2);
  by_chunks(ChunkedArray(open_x(dir / "b.h5"), cache), region);
  CHECK(cache.counts().misses == 4);
}
