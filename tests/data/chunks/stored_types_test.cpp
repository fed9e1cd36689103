#include <cstring>

#include "data/chunks/every_storage.h"

using namespace lucid;
using namespace lucid::test;

namespace {

// Stores 32 labels 0, 1, 2, 0, .. as an enum of another type.
void store_enum(const std::filesystem::path& path, hid_t base, const Setting& set) {
  const hid_t type = H5Tenum_create(base), memory = H5Tenum_create(H5T_NATIVE_INT16);
  for (std::int16_t value = 0; value < 3; ++value) {
    const std::string name = "label" + std::to_string(value);
    H5Tenum_insert(memory, name.c_str(), &value);
    std::int64_t stored = 0;
    std::memcpy(&stored, &value, sizeof value);
    H5Tconvert(H5T_NATIVE_INT16, base, 1, &stored, nullptr, H5P_DEFAULT);
    H5Tenum_insert(type, name.c_str(), &stored);
  }
  store_x(path, {4, 8}, type, set, Content::kNone);
  check_as_hdf5_reads(path);
  change_x(path, [&](hid_t array) {
    std::vector<std::int16_t> values(32);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::int16_t>(i % 3);
    REQUIRE(H5Dwrite(array, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) >= 0);
  });
}

void check_type(const TempDir& dir, const NamedType& type, const NamedStorage& storage) {
  const std::string type_name = type.name, storage_name = storage.name;
  CAPTURE(type_name);
  CAPTURE(storage_name);
  if (!storage.takes_floats && H5Tget_class(type.id) == H5T_FLOAT) return;
  store_x(dir / "a.h5", {7, 10, 13}, type.id, storage.set);
  check_as_hdf5_reads(dir / "a.h5");
  const hdf5::Array array = open_x(dir / "a.h5");
  CHECK(element_name(array.element()) == type.element);
  CHECK(array.read<double>() == values_for(7 * 10 * 13));
}

}  // namespace

TEST_CASE("regions of every type, layout and filter are those that HDF5 reads") {
  const TempDir dir;
  for (const NamedStorage& storage : every_storage())
    for (const NamedType& type : plain_types()) check_type(dir, type, storage);
}

TEST_CASE("numbers of other precision, offset, padding and form are read in chunks") {
  const TempDir dir;
  for (const NamedStorage& storage : every_storage())
    for (const NamedType& type : odd_types()) {
      // HDF5 1.10 packs neither these floats nor offsets of integers with it.
      const std::string name = storage.name;
      if (name == "n-bit" || name == "scale-offset") continue;
      check_type(dir, type, storage);
    }
}

TEST_CASE("types are named with their order and precision") {
  const TempDir dir;
  for (const std::vector<NamedType>& types : {plain_types(), odd_types()})
    for (const NamedType& type : types) {
      store_x(dir / "a.h5", {2}, type.id, [](hid_t) {});
      CHECK(open_x(dir / "a.h5").info().type == type.name);
    }
}

TEST_CASE("labels of an enum are read as integers in either byte order") {
  const TempDir dir;
  for (const hid_t base : {H5T_STD_I8LE, H5T_STD_U8BE, H5T_STD_I16LE, H5T_STD_U16BE, H5T_STD_I32BE})
    for (const Setting& set : {chunks({2, 4}, both), chunks({3, 5}), Setting([](hid_t) {})}) {
      store_enum(dir / "a.h5", base, set);
      check_as_hdf5_reads(dir / "a.h5");
      const std::vector<std::int64_t> labels = open_x(dir / "a.h5").read<std::int64_t>();
      for (std::size_t i = 0; i < labels.size(); ++i)
        CHECK(labels[i] == static_cast<std::int64_t>(i % 3));
    }
}

TEST_CASE("types that are no numbers are refused by name") {
  const TempDir dir;
  const hsize_t two = 2;
  const hid_t words = H5Tcopy(H5T_C_S1), pair = H5Tcreate(H5T_COMPOUND, 16);
  H5Tset_size(words, H5T_VARIABLE);
  H5Tinsert(pair, "x", 0, H5T_IEEE_F64LE);
  H5Tinsert(pair, "y", 8, H5T_IEEE_F64LE);
  const struct {
    hid_t type;
    const char* found;
  } kRows[] = {{words, "string"},
               {H5Tcopy(H5T_C_S1), "string"},
               {pair, "compound"},
               {H5Tcreate(H5T_OPAQUE, 4), "opaque"},
               {H5Tarray_create2(H5T_STD_U8BE, 1, &two), "arrays"},
               {H5Tvlen_create(H5T_STD_U8LE), "lists of varying length"},
               {H5Tcopy(H5T_STD_REF_OBJ), "reference"},
               {H5Tcopy(H5T_STD_B16BE), "bit field"},
               {H5Tcopy(H5T_UNIX_D32LE), "time"},
               {integer_of(H5T_STD_I64LE, 16, 128, 0), "int128"}};
  for (const auto& row : kRows) {
    store_x(dir / "a.h5", {4, 8}, row.type, chunks({2, 4}, deflate), Content::kNone);
    ChunkCache cache(kMegabyte);
    CHECK(from_inside(dir.path(), error_of([&] { ChunkedArray(open_x(dir / "a.h5"), cache); })) ==
          "3: a.h5: /x: expected integers or floats, found " + std::string(row.found));
  }
}

TEST_CASE("an element of a size that the decoder does not know is refused") {
  Bytes bytes(24), out(24);
  for (const std::size_t size : {std::size_t{3}, std::size_t{16}, std::size_t{0}}) {
    const ChunkCodec codec{.element_bytes = size, .is_swapped = true};
    CHECK(error_of([&] { decode_chunk(codec, {bytes}, "a.h5: /x", out); }) ==
          "3: a.h5: /x: expected whole elements of 1, 2, 4 or 8 bytes, found 24 bytes in elements "
          "of " +
              std::to_string(size));
  }
  const ChunkCodec bytewise{.element_bytes = 1, .is_swapped = true};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i);
  decode_chunk(bytewise, {bytes}, "a.h5: /x", out);
  CHECK(out == bytes);
}
