#include <doctest/doctest.h>
#include <hdf5.h>

#include <numeric>

#include "data/hdf5/copy.h"
#include "data/hdf5/file.h"
#include "data/hdf5/h5_files.h"
#include "data/hdf5/open.h"
#include "data/hdf5/write.h"
#include "support/from_text.h"
#include "support/temp_dir.h"

using namespace lucid;
using namespace lucid::test;

namespace {

constexpr std::size_t kLarge = 200000;

// Adds an attribute of `bytes` bytes, text of fixed length or integers, to an object of a file that
// other tools wrote with HDF5's latest format.
void attach(const std::filesystem::path& path, const std::string& object, const std::string& name,
            std::size_t bytes, bool is_text) {
  const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
  const hid_t type = is_text ? H5Tcopy(H5T_C_S1) : H5Tcopy(H5T_STD_U8LE);
  if (is_text) H5Tset_size(type, bytes);
  const hsize_t extent = bytes;
  const hid_t space = is_text ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &extent, nullptr);
  const hid_t attribute = H5Acreate_by_name(file, object.c_str(), name.c_str(), type, space,
                                            H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  REQUIRE(attribute >= 0);
  const std::string value(bytes, 'x');
  H5Awrite(attribute, type, value.data());
  H5Aclose(attribute);
  H5Sclose(space);
  H5Tclose(type);
  H5Fclose(file);
}

// Returns a file with a group and a dataset whose attributes take more than 64 KiB each.
std::filesystem::path with_large_attributes(const TempDir& dir) {
  const auto path = dir / "large.h5";
  const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  H5Pset_libver_bounds(access, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
  H5Fclose(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access));
  H5Pclose(access);
  const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
  H5Fset_libver_bounds(file, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
  const hsize_t extents[3] = {4, 4, 4};
  const hid_t space = H5Screate_simple(3, extents, nullptr);
  H5Dclose(H5Dcreate2(file, "x", H5T_STD_U8LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  H5Sclose(space);
  H5Gclose(H5Gcreate2(file, "g", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  H5Fclose(file);
  for (const char* object : {"/", "g", "x"}) {
    attach(path, object, "text", kLarge, true);
    attach(path, object, "bytes", kLarge, false);
  }
  return path;
}

void check_large(const hdf5::File& file, const std::string& object) {
  INFO(object);
  CHECK(file.attribute<std::string>(object, "text") == std::string(kLarge, 'x'));
  CHECK(file.attribute_list<std::int64_t>(object, "bytes") ==
        std::vector<std::int64_t>(kLarge, 'x'));
}

}  // namespace

TEST_CASE("attributes of any size are copied to a new dataset") {
  const TempDir dir;
  const hdf5::File from(with_large_attributes(dir));
  hdf5::Writer writer(dir / "to.h5");
  writer.create("y", ElementType::kUint8, Shape{2, 2, 2});
  writer.copy_attributes(from.open("x"), "y");
  writer.close();
  check_large(hdf5::File(dir / "to.h5"), "y");
}

TEST_CASE("attributes of any size are copied with their file") {
  const TempDir dir;
  const hdf5::File from(with_large_attributes(dir));
  for (const bool is_rechunked : {false, true}) {
    hdf5::Writer writer(dir / "to.h5");
    hdf5::copy_file(
        from,
        [&](const hdf5::Array&) {
          return is_rechunked ? std::optional(hdf5::Storage{.chunk = {2, 2, 2}}) : std::nullopt;
        },
        [] {}, writer);
    writer.close();
    const hdf5::File to(dir / "to.h5");
    for (const char* object : {"/", "g", "x"}) check_large(to, object);
  }
}

TEST_CASE("attributes of any size are copied with their group") {
  const TempDir dir;
  hdf5::Writer writer(dir / "to.h5");
  writer.copy(hdf5::open_file(with_large_attributes(dir)), "/", "all");
  writer.close();
  const hdf5::File to(dir / "to.h5");
  for (const char* object : {"all", "all/g", "all/x"}) check_large(to, object);
}

TEST_CASE("attributes of any size are written") {
  const TempDir dir;
  std::vector<std::int64_t> samples(30000);
  std::iota(samples.begin(), samples.end(), 0);
  hdf5::Writer writer(dir / "a.h5");
  writer.create("x", ElementType::kUint8, Shape{2, 2, 2});
  for (const char* object : {"/", "x"})
    writer.set_attribute(object, "source_samples", std::span<const std::int64_t>(samples));
  writer.close();
  const hdf5::File file(dir / "a.h5");
  for (const char* object : {"/", "x"})
    CHECK(file.attribute_list<std::int64_t>(object, "source_samples") == samples);
}

TEST_CASE("attributes are equal where type, extents and value are") {
  const TempDir dir;
  hdf5::Writer writer(dir / "a.h5");
  for (const char* name : {"a", "b"}) writer.create(name, ElementType::kUint8, Shape{2});
  for (const char* name : {"a", "b"}) {
    writer.set_attribute(name, "text", std::string("same"));
    writer.set_attribute(name, "numbers", Shape{2}, std::vector<double>{1, 2});
    writer.set_attribute(name, "other text", std::string(name));
    writer.set_attribute(name, "texts", std::vector<std::string>{"x", "same"});
  }
  writer.set_attribute("a", "other numbers", Shape{2}, std::vector<double>{1, 2});
  writer.set_attribute("b", "other numbers", Shape{2}, std::vector<double>{1, 3});
  writer.set_attribute("a", "other type", 1.0);
  writer.set_attribute("b", "other type", std::int64_t{1});
  writer.set_attribute("a", "other extents", Shape{2, 1}, std::vector<double>{1, 2});
  writer.set_attribute("b", "other extents", Shape{2}, std::vector<double>{1, 2});
  writer.set_attribute("a", "only here", 1.0);
  writer.close();
  const hdf5::File file(dir / "a.h5");
  const hdf5::Array a = file.open("a"), b = file.open("b");
  std::vector<std::string> equal;
  for (const std::string& name : hdf5::attribute_names(a))
    if (hdf5::have_equal_attribute(a, b, name)) equal.push_back(name);
  CHECK(equal == std::vector<std::string>{"numbers", "text", "texts"});
}
