#pragma once

#include <doctest/doctest.h>
#include <hdf5.h>

#include <functional>

#include "base/rng.h"
#include "data/chunks/chunked_array.h"
#include "data/hdf5/h5_files.h"
#include "support/from_text.h"
#include "support/temp_dir.h"

// Files with one dataset "x" in any storage, and two ways to read it.
namespace lucid::test {

using Bytes = std::vector<std::byte>;
using Setting = std::function<void(hid_t creation)>;

constexpr std::size_t kMegabyte = std::size_t{1} << 20;

inline Setting chunks(
    std::vector<hsize_t> extents, Setting filters = [](hid_t) {}) {
  return [=](hid_t creation) {
    H5Pset_chunk(creation, static_cast<int>(extents.size()), extents.data());
    filters(creation);
  };
}

inline void shuffle(hid_t creation) { H5Pset_shuffle(creation); }
inline void deflate(hid_t creation) { H5Pset_deflate(creation, 4); }
inline void both(hid_t creation) {
  shuffle(creation);
  deflate(creation);
}

// Returns values that compress well and do not repeat, so that every position can be told.
inline std::vector<double> values_for(std::size_t count) {
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<double>((i * i / 7 + i) % 120);
  return values;
}

inline std::size_t product(const std::vector<hsize_t>& extents) {
  std::size_t count = 1;
  for (const hsize_t extent : extents) count *= extent;
  return count;
}

// Chooses whether "x" holds values_for() or is never written.
enum class Content { kWritten, kNone };
inline void store_x(const std::filesystem::path& path, const std::vector<hsize_t>& extents,
                    hid_t type, const Setting& set, Content content = Content::kWritten) {
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  set(creation);
  const hid_t space = H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr);
  const hid_t array = H5Dcreate2(file, "x", type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
  if (content == Content::kWritten)
    H5Dwrite(array, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT,
             values_for(product(extents)).data());
  H5Dclose(array);
  H5Sclose(space);
  H5Pclose(creation);
  H5Fclose(file);
}

// Opens "x" for writing and makes a change that a tool for chunks might make.
inline void change_x(const std::filesystem::path& path,
                     const std::function<void(hid_t array)>& change) {
  const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
  const hid_t array = H5Dopen2(file, "x", H5P_DEFAULT);
  change(array);
  H5Dclose(array);
  H5Fclose(file);
}

inline hdf5::Array open_x(const std::filesystem::path& path) { return hdf5::File(path).open("x"); }

inline hdf5::Region whole(const hdf5::Array& array) {
  return {std::vector<std::int64_t>(array.info().extents.size(), 0), array.info().extents};
}

inline hdf5::Region random_region(const std::vector<std::int64_t>& extents, Rng& rng) {
  hdf5::Region region;
  for (const std::int64_t extent : extents) {
    const auto start = static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(extent)));
    const auto room = static_cast<std::uint64_t>(extent - start);
    region.start.push_back(start);
    region.count.push_back(1 + static_cast<std::int64_t>(rng.below(room)));
  }
  return region;
}

inline Bytes of_region(const hdf5::Array& array, const hdf5::Region& region) {
  return Bytes(Shape(region.count).count() * element_bytes(array.element()), std::byte{0xAA});
}

inline Bytes by_hdf5(const hdf5::Array& array, const hdf5::Region& region) {
  Bytes bytes = of_region(array, region);
  array.read_stored(region, bytes);
  return bytes;
}

inline Bytes by_chunks(const ChunkedArray& array, const hdf5::Region& region) {
  Bytes bytes = of_region(array.array(), region);
  array.read_stored(region, bytes);
  return bytes;
}

// Compares all and random parts of "x", with and without the cache, with what HDF5 reads.
inline void check_as_hdf5_reads(const std::filesystem::path& path) {
  ChunkCache cache(kMegabyte);
  const ChunkedArray array(open_x(path), cache);
  Rng rng(1, "regions");
  for (int i = 0; i < 20; ++i) {
    const hdf5::Region region =
        i == 0 ? whole(array.array()) : random_region(array.array().info().extents, rng);
    const Bytes expected = by_hdf5(array.array(), region);
    CHECK(by_chunks(array, region) == expected);
    Bytes shared = of_region(array.array(), region);
    array.read_stored(region, shared, 3);
    CHECK(shared == expected);
  }
  CHECK(cache.held_bytes() <= kMegabyte);
}

inline std::string error_of_reading(const TempDir& dir, const hdf5::Region& region) {
  ChunkCache cache(kMegabyte);
  const ChunkedArray array(open_x(dir / "a.h5"), cache);
  return from_inside(dir.path(), error_of([&] { by_chunks(array, region); }));
}

}  // namespace lucid::test
