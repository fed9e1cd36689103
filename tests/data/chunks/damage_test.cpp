#include "base/machine/share_work.h"
#include "data/chunks/stored_x.h"

using namespace lucid;
using namespace lucid::test;

namespace {

// Returns the stored bytes of the chunk that begins at (2, 4).
Bytes chunk_at_2_4(const std::filesystem::path& file) {
  Bytes bytes;
  change_x(file, [&](hid_t array) {
    const hsize_t start[] = {2, 4};
    hsize_t count = 0;
    std::uint32_t mask = 0;
    H5Dget_chunk_storage_size(array, start, &count);
    bytes.resize(count);
    H5Dread_chunk(array, H5P_DEFAULT, start, &mask, bytes.data());
  });
  return bytes;
}

}  // namespace

TEST_CASE("a damaged chunk is named") {
  const TempDir dir;
  store_x(dir / "a.h5", {4, 8}, H5T_STD_I16LE, chunks({2, 4}, both));
  const auto put = [&](std::uint32_t left_out, const Bytes& bytes) {
    change_x(dir / "a.h5", [&](hid_t array) {
      const hsize_t start[] = {2, 4};
      REQUIRE(H5Dwrite_chunk(array, H5P_DEFAULT, left_out, start, bytes.size(), bytes.data()) >= 0);
    });
  };
  const Bytes stream = chunk_at_2_4(dir / "a.h5");
  const hdf5::Region all{{0, 0}, {4, 8}};
  CHECK(error_of_reading(dir, all) == "");

  put(0, Bytes(stream.begin(), stream.end() - 6));  // truncated
  CHECK(error_of_reading(dir, all) ==
        "3: a.h5: /x: chunk at (2, 4): expected 16 bytes, found damaged deflate data");
  CHECK(error_of_reading(dir, {{0, 0}, {2, 8}}) == "");
  store_x(dir / "a.h5", {4, 8}, H5T_STD_I16LE, chunks({2, 4}, both), Content::kNone);
  put(3, Bytes(12));
  CHECK(error_of_reading(dir, all) == "3: a.h5: /x: chunk at (2, 4): expected 16 bytes, found 12");
  store_x(dir / "a.h5", {4, 8}, H5T_STD_I16LE, chunks({2, 4}, both), Content::kNone);
  put(3, Bytes(60000));
  CHECK(error_of_reading(dir, all) ==
        "3: a.h5: /x: chunk at (2, 4): expected at most 4114 bytes, found 60000");

  ChunkCache cache(kMegabyte);
  const ChunkedArray array(open_x(dir / "a.h5"), cache);
  Bytes bytes = of_region(array.array(), all);
  CHECK(from_inside(dir.path(), error_of([&] { array.read_stored(all, bytes, 2); })) ==
        "3: a.h5: /x: chunk at (2, 4): expected at most 4114 bytes, found 60000");
}

TEST_CASE("deflate data of another length than its chunk is named") {
  const TempDir dir;
  store_x(dir / "small.h5", {2, 4}, H5T_STD_I16LE, chunks({2, 4}, deflate));
  store_x(dir / "large.h5", {2, 40}, H5T_STD_I16LE, chunks({2, 40}, deflate));
  for (const auto& [from, found] : {std::pair{"small.h5", "16"}, std::pair{"large.h5", "more"}}) {
    Bytes bytes;
    const hsize_t start[] = {0, 0};
    change_x(dir / from, [&](hid_t array) {
      hsize_t count = 0;
      std::uint32_t mask = 0;
      H5Dget_chunk_storage_size(array, start, &count);
      bytes.resize(count);
      H5Dread_chunk(array, H5P_DEFAULT, start, &mask, bytes.data());
    });
    store_x(dir / "a.h5", {2, 8}, H5T_STD_I16LE, chunks({2, 8}, deflate));
    change_x(dir / "a.h5", [&](hid_t array) {
      H5Dwrite_chunk(array, H5P_DEFAULT, 0, start, bytes.size(), bytes.data());
    });
    CHECK(error_of_reading(dir, {{0, 0}, {2, 8}}) ==
          "3: a.h5: /x: chunk at (0, 0): expected 32 bytes, found " + std::string(found));
  }
}

TEST_CASE("a contiguous dataset whose file ends early is named") {
  const TempDir dir;
  store_x(dir / "a.h5", {100, 100}, H5T_IEEE_F64LE, [](hid_t) {});
  ChunkCache cache(0);
  const ChunkedArray array(open_x(dir / "a.h5"), cache);
  std::filesystem::resize_file(dir / "a.h5", 40000);
  CHECK(from_inside(dir.path(), error_of([&] { by_chunks(array, whole(array.array())); })) ==
        "3: a.h5: /x: cannot be read: the file ends before");
}

TEST_CASE("a chunk that does not match its checksum is refused") {
  const TempDir dir;
  const auto checked = [](hid_t creation) {
    both(creation);
    H5Pset_fletcher32(creation);
  };
  store_x(dir / "a.h5", {4, 8}, H5T_STD_I16BE, chunks({2, 4}, checked));
  Bytes bytes = chunk_at_2_4(dir / "a.h5");
  bytes.back() ^= std::byte{1};
  change_x(dir / "a.h5", [&](hid_t array) {
    const hsize_t start[] = {2, 4};
    REQUIRE(H5Dwrite_chunk(array, H5P_DEFAULT, 0, start, bytes.size(), bytes.data()) >= 0);
  });
  CHECK(error_of_reading(dir, {{0, 0}, {2, 8}}) == "");
  CHECK(error_of_reading(dir, {{0, 0}, {4, 8}}) ==
        "3: a.h5: /x: cannot be read: data error detected by Fletcher32 checksum");
}

TEST_CASE("all threads that wait for a damaged chunk get the error") {
  const TempDir dir;
  store_x(dir / "a.h5", {4, 8}, H5T_STD_I16LE, chunks({4, 8}, both));
  change_x(dir / "a.h5", [&](hid_t array) {
    const hsize_t start[] = {0, 0};
    const Bytes bytes(20, std::byte{7});
    REQUIRE(H5Dwrite_chunk(array, H5P_DEFAULT, 0, start, bytes.size(), bytes.data()) >= 0);
  });
  ChunkCache cache(kMegabyte);
  const ChunkedArray array(open_x(dir / "a.h5"), cache);
  std::vector<std::string> errors(8);
  share_work(8, 8, [&](std::int64_t i) {
    errors[static_cast<std::size_t>(i)] =
        from_inside(dir.path(), error_of([&] { by_chunks(array, whole(array.array())); }));
  });
  for (const std::string& error : errors)
    CHECK(error == "3: a.h5: /x: chunk at (0, 0): expected 64 bytes, found damaged deflate data");
  CHECK(cache.held_bytes() == 0);
}
