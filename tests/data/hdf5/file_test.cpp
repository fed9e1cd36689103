#include "data/hdf5/file.h"

#include <doctest/doctest.h>
#include <hdf5.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "data/hdf5/h5_files.h"
#include "data/hdf5/write.h"
#include "support/approx.h"
#include "support/from_text.h"
#include "support/temp_dir.h"

using namespace lucid;
using namespace lucid::test;

namespace {

hid_t half_float(H5T_order_t order) {
  const hid_t type = H5Tcopy(H5T_IEEE_F32LE);
  H5Tset_fields(type, 15, 10, 5, 0, 10);
  H5Tset_size(type, 2);
  H5Tset_ebias(type, 15);
  H5Tset_order(type, order);
  return type;
}

std::string error_of_opening(const TempDir& dir, const std::string& dataset) {
  return from_inside(dir.path(), error_of([&] {
                       const auto array = hdf5::File(dir / "a.h5").open(dataset);
                       array.element();
                       array.shape();
                     }));
}

}  // namespace

TEST_CASE("every number type is read as float32") {
  struct Row {
    const char* name;
    hid_t type;
    std::vector<double> values;
  };
  const Row kRows[] = {{"int8", H5T_STD_I8LE, {-128, 0, 127}},
                       {"int16", H5T_STD_I16LE, {-32768, 0, 32767}},
                       {"int16 big-endian", H5T_STD_I16BE, {-32768, 1, 32767}},
                       {"int32", H5T_STD_I32LE, {-65536, 3, 65536}},
                       {"int32 big-endian", H5T_STD_I32BE, {-65536, 3, 65536}},
                       {"int64", H5T_STD_I64LE, {-4294967296.0, 5, 4294967296.0}},
                       {"int64 big-endian", H5T_STD_I64BE, {-4294967296.0, 5, 4294967296.0}},
                       {"uint8", H5T_STD_U8LE, {0, 128, 255}},
                       {"uint16", H5T_STD_U16LE, {0, 1, 65535}},
                       {"uint16 big-endian", H5T_STD_U16BE, {0, 1, 65535}},
                       {"uint32", H5T_STD_U32LE, {0, 1, 4294967040.0}},
                       {"uint64 big-endian", H5T_STD_U64BE, {0, 1, 4294967040.0}},
                       {"float16", half_float(H5T_ORDER_LE), {-0.5, 6.103515625e-05, 65504}},
                       {"float16 big-endian", half_float(H5T_ORDER_BE), {-0.5, 1, 65504}},
                       {"float32", H5T_IEEE_F32LE, {-1.5, 1e-40, 3e38}},
                       {"float32 big-endian", H5T_IEEE_F32BE, {-1.5, 0, 3e38}},
                       {"float64", H5T_IEEE_F64LE, {-1.5, 0.1, 1e30}},
                       {"float64 big-endian", H5T_IEEE_F64BE, {-1.5, 0.1, 1e30}}};
  const TempDir dir;
  for (const Row& row : kRows) {
    CAPTURE(std::string(row.name));
    store(dir / "a.h5", row.name, {{3}, row.values, row.type});
    const hdf5::Array array = hdf5::File(dir / "a.h5").open(row.name);
    CHECK(array.info().type == row.name);
    const std::vector<float> expected(row.values.begin(), row.values.end());
    CHECK(array.read<float>() == approx(expected));
  }
}

TEST_CASE("large integers and doubles are rounded to the nearest float32") {
  const TempDir dir;
  // Each value lies halfway between two floats and rounds to the even one.
  const std::vector<double> values{16777217, 16777219, 16777221};
  const hid_t kTypes[] = {H5T_STD_I32LE, H5T_STD_U32BE, H5T_STD_I64LE,  H5T_STD_I64BE,
                          H5T_STD_U64LE, H5T_STD_U64BE, H5T_IEEE_F64LE, H5T_IEEE_F64BE};
  int number = 0;
  for (const hid_t type : kTypes) {
    const std::string name = "x" + std::to_string(number++);
    store(dir / "a.h5", name, {{3}, values, type});
    CHECK(hdf5::File(dir / "a.h5").open(name).read<float>() ==
          approx({16777216, 16777220, 16777220}));
  }
}

TEST_CASE("booleans, which h5py stores as an enum, are read as 0 and 1") {
  const TempDir dir;
  const hid_t type = H5Tenum_create(H5T_STD_I8LE);
  const std::int8_t values[] = {0, 1, 1};
  H5Tenum_insert(type, "FALSE", &values[0]);
  H5Tenum_insert(type, "TRUE", &values[1]);
  const hsize_t three = 3;
  const hid_t space = H5Screate_simple(1, &three, nullptr);
  const hid_t file = H5Fcreate((dir / "a.h5").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const hid_t array = H5Dcreate2(file, "mask", type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  H5Dwrite(array, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
  H5Dclose(array);
  H5Fclose(file);
  const hdf5::Array mask = hdf5::File(dir / "a.h5").open("mask");
  CHECK(mask.info().type == "enum of int8");
  CHECK(mask.read<float>() == approx({0, 1, 1}));
}

TEST_CASE("int64 is read exactly as int64") {
  const TempDir dir;
  const std::vector<std::int64_t> values{9007199254740993, -9007199254740993};
  hdf5::Writer file(dir / "a.h5");
  file.write<std::int64_t>("n", Shape{2}, values);
  file.close();
  CHECK(hdf5::File(dir / "a.h5").open("n").read<std::int64_t>() == values);
}

TEST_CASE("a region of a chunked and compressed array is read") {
  const TempDir dir;
  store(dir / "a.h5", "group/x", {{4, 3}, {}, H5T_STD_I16BE, {2, 2}, 6});
  const hdf5::Array array = hdf5::File(dir / "a.h5").open("/group/x");
  CHECK(array.info().storage == "chunks 2x2, deflate 6");
  CHECK(array.shape() == Shape{4, 3});
  CHECK(array.read<double>({{1, 1}, {2, 2}}) == std::vector<double>{4, 5, 7, 8});
}

TEST_CASE("datasets are listed sorted, and groups only once") {
  const TempDir dir;
  store(dir / "a.h5", "b/z", {{1}, {}});
  store(dir / "a.h5", "b/a", {{1}, {}});
  store(dir / "a.h5", "a", {{1}, {}});
  const hid_t file = H5Fopen((dir / "a.h5").c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
  H5Lcreate_soft("/b", file, "c", H5P_DEFAULT, H5P_DEFAULT);
  H5Lcreate_soft("/", file, "b/top", H5P_DEFAULT, H5P_DEFAULT);
  H5Lcreate_soft("/nowhere", file, "lost", H5P_DEFAULT, H5P_DEFAULT);
  H5Fclose(file);
  CHECK(hdf5::File(dir / "a.h5").datasets() == std::vector<std::string>{"a", "b/a", "b/z", "lost"});
}

TEST_CASE("a dataset that is not numeric is refused by name") {
  const TempDir dir;
  store(dir / "a.h5", "train/volumes", {{2}, {}});
  store(dir / "a.h5", "none", {{2, 0}, {}});
  const hid_t file = H5Fopen((dir / "a.h5").c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
  const hid_t pair = H5Tcreate(H5T_COMPOUND, 8), null_space = H5Screate(H5S_NULL);
  H5Tinsert(pair, "x", 0, H5T_STD_I32LE);
  const hsize_t two = 2;
  const hid_t space = H5Screate_simple(1, &two, nullptr);
  const auto make = [&](const char* name, hid_t type, hid_t of) {
    H5Dclose(H5Dcreate2(file, name, type, of, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  };
  make("pairs", pair, space);
  make("words", H5T_C_S1, space);
  make("null", H5T_STD_U8LE, null_space);
  H5Lcreate_soft("/nowhere", file, "lost", H5P_DEFAULT, H5P_DEFAULT);
  H5Fclose(file);

  CHECK(error_of_opening(dir, "pairs") ==
        "3: a.h5: /pairs: expected integers or floats, found compound");
  CHECK(error_of_opening(dir, "words") ==
        "3: a.h5: /words: expected integers or floats, found string");
  CHECK(error_of_opening(dir, "null") == "3: a.h5: /null: is an empty dataset without a shape");
  CHECK(error_of_opening(dir, "none") == "3: a.h5: /none: expected extents of at least 1, found 0");
  CHECK(error_of_opening(dir, "train") ==
        "3: a.h5: /train: expected a dataset, found a group; known: lost, none, null, pairs, "
        "train/volumes, words");
  CHECK(error_of_opening(dir, "train/volume") ==
        "3: a.h5: no dataset 'train/volume'; did you mean 'train/volumes'?");
  CHECK(error_of_opening(dir, "lost") == "3: a.h5: /lost: leads nowhere");
}

TEST_CASE("a file that is missing, a folder, or no HDF5 is refused") {
  const TempDir dir;
  dir.write("text.h5", "not HDF5 at all");
  dir.write("empty.h5", "");
  store(dir / "whole.h5", "x", {{100, 100}, {}, H5T_IEEE_F64LE});
  dir.write("cut.h5", read_text(dir / "whole.h5").substr(0, 3000));
  std::filesystem::create_directory(dir / "folder.h5");
  const auto error = [&](const char* name) {
    return from_inside(dir.path(), error_of([&] { hdf5::File{dir / name}; }));
  };
  CHECK(error("absent.h5") == "2: absent.h5: no such file");
  CHECK(error("folder.h5") == "3: folder.h5: expected an HDF5 file, found a folder");
  CHECK(error("text.h5") == "3: text.h5: cannot be read as HDF5: file signature not found");
  CHECK(error("empty.h5") == "3: empty.h5: cannot be read as HDF5: file signature not found");
  CHECK(error("cut.h5") == "3: cut.h5: cannot be read as HDF5: truncated file");
}

TEST_CASE("floats are refused where integers are asked for") {
  const TempDir dir;
  store(dir / "a.h5", "x", {{1}, {}, H5T_IEEE_F32LE});
  CHECK(from_inside(dir.path(), error_of([&] {
                      hdf5::File(dir / "a.h5").open("x").read<std::int64_t>();
                    })) == "3: a.h5: /x: expected integers, found float32");
}
