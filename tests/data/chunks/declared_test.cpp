#include "data/chunks/stored_parts.h"
#include "data/chunks/stored_x.h"
#include "data/statistics/describe.h"

using namespace lucid;
using namespace lucid::test;

// Datasets that declare more than they store.
namespace {

constexpr hsize_t kLong = 100000;

void write_at(const std::filesystem::path& path, const std::vector<hsize_t>& start, int value) {
  change_x(path, [&](hid_t array) {
    const std::vector<hsize_t> one(start.size(), 1);
    const hid_t space = H5Dget_space(array), memory = H5Screate(H5S_SCALAR);
    H5Sselect_hyperslab(space, H5S_SELECT_SET, start.data(), nullptr, one.data(), nullptr);
    REQUIRE(H5Dwrite(array, H5T_NATIVE_INT, memory, space, H5P_DEFAULT, &value) >= 0);
    H5Sclose(memory);
    H5Sclose(space);
  });
}

Setting filled(const Setting& set, int value) {
  return [=](hid_t creation) {
    set(creation);
    H5Pset_fill_value(creation, H5T_NATIVE_INT, &value);
  };
}

Description described(const std::filesystem::path& path) {
  return describe_dataset(hdf5::File(path), "x", 2, [](std::size_t, std::size_t) {});
}

using Cells = std::vector<std::string>;

}  // namespace

TEST_CASE("a dataset of 10^15 elements costs what it stores") {
  const TempDir dir;
  const std::vector<hsize_t> extents{kLong, kLong, kLong};
  const Setting set = filled(chunks({64, 64, 64}, both), 7);
  for (const hid_t type : {H5T_STD_U8BE, H5T_STD_I16LE, H5T_IEEE_F32BE}) {
    store_x(dir / "a.h5", extents, type, set, Content::kNone);
    CHECK(described(dir / "a.h5").cells[5] == "7 .. 7");
    write_at(dir / "a.h5", {99999, 500, 3}, 3);
    write_at(dir / "a.h5", {70, 60000, 60000}, 90);
    const Description found = described(dir / "a.h5");
    CHECK(found.cells[5] == "3 .. 90");
    if (H5Tget_class(type) == H5T_FLOAT) continue;
    CHECK(found.labels ==
          std::map<std::int64_t, std::int64_t>{{3, 1}, {7, 1000000000000000 - 2}, {90, 1}});
  }
}

TEST_CASE("a contiguous dataset that was never written costs nothing") {
  const TempDir dir;
  store_x(dir / "a.h5", {kLong, kLong, kLong}, H5T_STD_I32BE, filled([](hid_t) {}, -5),
          Content::kNone);
  CHECK(described(dir / "a.h5").cells ==
        Cells{"/x", "100000x100000x100000", "int32 big-endian", "contiguous", "-", "-5 .. -5"});
}

TEST_CASE("statistics of a part count what was never written there") {
  const TempDir dir;
  store_x(dir / "a.h5", {kLong, 1000, 1000}, H5T_STD_U8LE, filled(chunks({10, 100, 100}), 1),
          Content::kNone);
  write_at(dir / "a.h5", {5, 5, 5}, 9);
  write_at(dir / "a.h5", {50000, 999, 999}, 100);
  ChunkCache cache(0);
  const ChunkedArray array(open_x(dir / "a.h5"), cache);
  const hdf5::Region part{{0, 0, 0}, {8, 1000, 1000}}, half{{5, 0, 0}, {50000, 1000, 1000}};
  const auto measure = [&](const hdf5::Region& region) {
    return measure_statistics(array, region, std::vector<double>{0, 50, 100}, 2,
                              [](std::size_t, std::size_t) {});
  };
  CHECK(measure(part).percentiles == std::vector<double>{1, 1, 9});
  const Statistics found = measure(half);
  CHECK(found.count == 50000000000);
  CHECK(found.percentiles == std::vector<double>{1, 1, 100});
  CHECK(found.labels == std::map<std::int64_t, std::int64_t>{{1, 49999999998}, {9, 1}, {100, 1}});
  CHECK(StoredParts(array, half, 1 << 20, {}).count() == 2);
}

TEST_CASE("a large chunk that was never written takes no memory") {
  const TempDir dir;
  const std::vector<hsize_t> extents{4, 5, 6}, chunk{1000, 1000, 4000};
  const auto set = [&](hid_t creation) {
    chunks(chunk, deflate)(creation);
    const int value = 6;
    H5Pset_fill_value(creation, H5T_NATIVE_INT, &value);
  };
  const hid_t file = H5Fcreate((dir / "a.h5").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const std::vector<hsize_t> most(3, H5S_UNLIMITED);
  const hid_t space = H5Screate_simple(3, extents.data(), most.data());
  const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  set(creation);
  H5Dclose(H5Dcreate2(file, "x", H5T_STD_U8BE, space, H5P_DEFAULT, creation, H5P_DEFAULT));
  H5Fclose(file);
  ChunkCache cache(kMegabyte);
  const ChunkedArray array(open_x(dir / "a.h5"), cache);
  const hdf5::Region region{{1, 1, 1}, {3, 2, 4}};
  CHECK(by_chunks(array, region) == Bytes(24, std::byte{6}));
  CHECK(cache.counts().misses == 0);
}

TEST_CASE("elements that were never written and have no fill value count as 0") {
  const TempDir dir;
  for (const Setting& set : {Setting([](hid_t) {}), chunks({2, 4}), chunks({2, 4}, shuffle)}) {
    const auto without_fill = [&](hid_t creation) {
      set(creation);
      H5Pset_fill_time(creation, H5D_FILL_TIME_NEVER);
    };
    for (const hid_t type : {H5T_STD_U8BE, H5T_IEEE_F64BE}) {
      store_x(dir / "a.h5", {5, 9}, type, without_fill, Content::kNone);
      const hdf5::Array array = open_x(dir / "a.h5");
      const Bytes zeros(45 * element_bytes(array.element()));
      CHECK(by_hdf5(array, whole(array)) == zeros);
      ChunkCache cache(kMegabyte);
      CHECK(by_chunks(ChunkedArray(open_x(dir / "a.h5"), cache), whole(array)) == zeros);
    }
  }
}

TEST_CASE("a size beyond 64 bits is named") {
  const TempDir dir;
  const hsize_t huge = hsize_t{1} << 31;
  store_x(dir / "a.h5", {huge, huge}, H5T_STD_U8LE, chunks({1, 1}), Content::kNone);
  CHECK(from_inside(dir.path(), error_of([&] { open_x(dir / "a.h5").shape(); })) ==
        "3: a.h5: /x: a size of 4611686018427387904 x 16 is beyond 64 bits");
}

TEST_CASE("memory that is not there is named with its dataset" * doctest::skip(kIsSanitized)) {
  const TempDir dir;
  store_x(dir / "a.h5", {hsize_t{1} << 47}, H5T_STD_U8LE, chunks({64}), Content::kNone);
  const hdf5::Array array = open_x(dir / "a.h5");
  CHECK(from_inside(dir.path(), error_of([&] { array.read<float>(); })) ==
        "1: a.h5: /x: out of memory");
}

TEST_CASE("datasets of no axis, 32 axes, extent 0 and without a shape are described") {
  const TempDir dir;
  store(dir / "a.h5", "x", {{}, {5}, H5T_STD_U8BE});
  CHECK(described(dir / "a.h5").cells ==
        Cells{"/x", "scalar", "uint8", "contiguous", "1.00", "5 .. 5"});
  store_x(dir / "b.h5", std::vector<hsize_t>(32, 1), H5T_STD_U8BE,
          chunks(std::vector<hsize_t>(32, 1), both));
  CHECK(described(dir / "b.h5").cells[5] == "0 .. 0");
  store_x(
      dir / "c.h5", {3, 0, 4}, H5T_STD_U8BE, [](hid_t) {}, Content::kNone);
  CHECK(described(dir / "c.h5").cells == Cells{"/x", "3x0x4", "uint8", "contiguous", "-", "-"});
}
