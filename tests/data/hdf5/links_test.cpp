#include "data/hdf5/links.h"

#include <doctest/doctest.h>
#include <hdf5.h>
#include <sys/stat.h>

#include <algorithm>

#include "data/hdf5/copy.h"
#include "data/hdf5/file.h"
#include "data/hdf5/h5_files.h"
#include "data/hdf5/open.h"
#include "support/from_text.h"
#include "support/temp_dir.h"

using namespace lucid;
using namespace lucid::test;

namespace {

using Paths = std::vector<std::string>;

hid_t create_file(const std::filesystem::path& path) {
  return H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
}

hid_t add_group(hid_t parent, const std::string& name) {
  return H5Gcreate2(parent, name.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
}

void add_byte(hid_t parent, const char* name) {
  const hid_t space = H5Screate(H5S_SCALAR);
  H5Dclose(H5Dcreate2(parent, name, H5T_STD_U8LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  H5Sclose(space);
}

// Nests groups: each holds the next by every name.
void store_nested(const std::filesystem::path& path, int depth, const Paths& names) {
  const hid_t file = create_file(path);
  hid_t group = H5Gopen2(file, "/", H5P_DEFAULT);
  for (int i = 0; i < depth; ++i) {
    const hid_t next = add_group(group, names[0]);
    for (std::size_t name = 1; name < names.size(); ++name)
      H5Lcreate_hard(group, names[0].c_str(), group, names[name].c_str(), H5P_DEFAULT, H5P_DEFAULT);
    H5Gclose(group);
    group = next;
  }
  add_byte(group, "x");
  H5Gclose(group);
  H5Fclose(file);
}

// Makes a chain of files, each with two links to the next one's root; the last leads back.
void store_chain(const TempDir& dir, int count) {
  for (int i = 0; i < count; ++i) {
    const hid_t file = create_file(dir / ("e" + std::to_string(i) + ".h5"));
    const std::string next = "e" + std::to_string((i + 1) % count) + ".h5";
    for (const char* name : {"l", "m"})
      H5Lcreate_external(next.c_str(), "/", file, name, H5P_DEFAULT, H5P_DEFAULT);
    add_byte(file, "x");
    H5Fclose(file);
  }
}

hdf5::Listing list(const std::filesystem::path& path, std::size_t most_links) {
  const hdf5::Lock lock;
  const hdf5::Handle file = hdf5::open_file(path);
  return hdf5::list_links(hdf5::open_group(file, "", path.string()), "", "a.h5", most_links, {});
}

}  // namespace

TEST_CASE("a group with many paths is listed by one of the shortest") {
  const TempDir dir;
  store_nested(dir / "a.h5", 40, {"a", "b"});
  std::string path;
  for (int i = 0; i < 40; ++i) path += "a/";
  CHECK(hdf5::File(dir / "a.h5").datasets() == Paths{path + "x"});
  const hid_t file = H5Fopen((dir / "a.h5").c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
  H5Lcreate_hard(file, path.c_str(), file, "z", H5P_DEFAULT, H5P_DEFAULT);
  H5Fclose(file);
  CHECK(hdf5::File(dir / "a.h5").datasets() == Paths{"z/x"});
}

TEST_CASE("files whose links lead to each other are listed once") {
  const TempDir dir;
  store_chain(dir, 30);
  Paths expected;
  std::string path;
  for (int i = 0; i < 30; ++i, path += "l/") expected.push_back(path + "x");
  std::ranges::sort(expected);
  const hdf5::File file(dir / "e0.h5");
  CHECK(file.datasets() == expected);
  for (const std::string& dataset : expected) CHECK(file.open(dataset).info().type == "uint8");
  const hdf5::Listing listing = file.list("", {});
  CHECK(listing.file_count == 29);
  CHECK(listing.files.size() == 29);
}

TEST_CASE("soft links that lead to each other lead nowhere") {
  const TempDir dir;
  const hid_t file = create_file(dir / "a.h5");
  H5Lcreate_soft("/b", file, "a", H5P_DEFAULT, H5P_DEFAULT);
  H5Lcreate_soft("/a", file, "b", H5P_DEFAULT, H5P_DEFAULT);
  H5Fclose(file);
  CHECK(hdf5::File(dir / "a.h5").datasets() == Paths{"a", "b"});
  CHECK(from_inside(dir.path(), error_of([&] { hdf5::File(dir / "a.h5").open("a"); })) ==
        "3: a.h5: /a: leads nowhere");
}

TEST_CASE("groups nested very deeply are named, not entered") {
  const TempDir dir;
  store_nested(dir / "a.h5", 20000, {"g"});
  const hdf5::File file(dir / "a.h5");
  std::string path = "g";
  for (std::size_t i = 1; i < hdf5::kDeepestGroup; ++i) path += "/g";
  path = path.substr(0, 70) + "..." + path.substr(path.size() - 30);
  const std::string reason = "a.h5: /" + path + ": groups deeper than 256 are not listed";
  const hdf5::Listing listing = file.list("", {});
  CHECK(listing.paths.empty());
  REQUIRE(listing.left_out.size() == 1);
  CHECK(listing.left_out[0].path == path);
  CHECK(from_inside(dir.path(), listing.left_out[0].reason) == reason);
  CHECK(from_inside(dir.path(), error_of([&] { file.datasets(); })) == "3: " + reason);
  CHECK(from_inside(dir.path(), error_of([&] { file.open("y"); })) == "3: a.h5: no dataset 'y'");
  hdf5::Writer copy = hdf5::Writer::in_memory("copy.h5");
  const std::string error =
      from_inside(dir.path(), error_of([&] {
                    copy_file(
                        file, [](const hdf5::Array&) { return std::nullopt; }, [] {}, copy);
                  }));
  CHECK(error == "3: a.h5: /" + path.substr(0, 70) + "g/g/g/g/g/g/g/g/g/g/g/g/g/g/" +
                     "g...: expected groups at most 256 deep");
}

TEST_CASE("links beyond a number are not listed") {
  const TempDir dir;
  const hid_t file = create_file(dir / "a.h5");
  for (const char* name : {"a", "b", "c", "d"}) add_byte(file, name);
  H5Fclose(file);
  CHECK(list(dir / "a.h5", 4).left_out.empty());
  const hdf5::Listing listing = list(dir / "a.h5", 3);
  CHECK(listing.paths == Paths{"a", "b", "c"});
  REQUIRE(listing.left_out.size() == 1);
  CHECK(listing.left_out[0].reason == "a.h5: links beyond the first 3 are not listed");
}

TEST_CASE("a walk over links and a copy stop when they are interrupted") {
  const TempDir dir;
  store_nested(dir / "a.h5", 5, {"a", "b"});
  const hdf5::File file(dir / "a.h5");
  int left = 4;
  const hdf5::Interrupt stop = [&] {
    if (--left == 0) throw Error(ExitCode::kFailed, "stopped");
  };
  CHECK(error_of([&] { file.list("", stop); }) == "1: stopped");
  left = 4;
  hdf5::Writer copy = hdf5::Writer::in_memory("copy.h5");
  CHECK(error_of([&] {
          copy_file(
              file, [](const hdf5::Array&) { return std::nullopt; }, stop, copy);
        }) == "1: stopped");
}

TEST_CASE("many unknown datasets are not all named") {
  const TempDir dir;
  const hid_t file = create_file(dir / "a.h5");
  for (int i = 0; i < 50; ++i) add_byte(file, ("volume" + std::to_string(i)).c_str());
  H5Fclose(file);
  const std::string error =
      from_inside(dir.path(), error_of([&] { hdf5::File(dir / "a.h5").open("other"); }));
  CHECK(error.starts_with("3: a.h5: no dataset 'other'; known: volume0, volume1, volume10, "));
  CHECK(error.ends_with(" and 30 more"));
}

TEST_CASE("a FIFO is neither a file nor the target of a link") {
  const TempDir dir;
  REQUIRE(mkfifo((dir / "pipe").c_str(), 0600) == 0);
  const hid_t file = create_file(dir / "a.h5");
  H5Lcreate_external("pipe", "/", file, "p", H5P_DEFAULT, H5P_DEFAULT);
  H5Fclose(file);
  CHECK(from_inside(dir.path(), error_of([&] { hdf5::File(dir / "pipe"); })) ==
        "3: pipe: expected an HDF5 file, found a FIFO");
  const hdf5::File opened(dir / "a.h5");
  CHECK(opened.datasets() == Paths{"p"});
  CHECK(from_inside(dir.path(), error_of([&] { opened.open("p"); })) ==
        "3: a.h5: /p: leads nowhere");
}
