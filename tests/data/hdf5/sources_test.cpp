#include <doctest/doctest.h>
#include <fcntl.h>
#include <hdf5.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "data/hdf5/file.h"
#include "data/hdf5/files_behind.h"
#include "data/hdf5/h5_files.h"
#include "support/approx.h"
#include "support/from_text.h"
#include "support/temp_dir.h"

using namespace lucid;
using namespace lucid::test;

namespace {

// Stores a virtual dataset of 4 elements, which are those of `source_name` in `source_file`.
void store_virtual(const std::filesystem::path& path, const std::string& dataset,
                   const std::string& source_file, const std::string& source_name) {
  const bool exists = std::filesystem::exists(path);
  const hid_t file = exists ? H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT)
                            : H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const hsize_t four = 4;
  const hid_t space = H5Screate_simple(1, &four, nullptr);
  const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_virtual(creation, space, source_file.c_str(), source_name.c_str(), space);
  H5Dclose(
      H5Dcreate2(file, dataset.c_str(), H5T_IEEE_F32LE, space, H5P_DEFAULT, creation, H5P_DEFAULT));
  H5Pclose(creation);
  H5Sclose(space);
  H5Fclose(file);
}

// Stores a dataset of four bytes in an external file.
void store_external(const std::filesystem::path& path, const char* source) {
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const hsize_t four = 4;
  const hid_t space = H5Screate_simple(1, &four, nullptr);
  const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_external(creation, source, 0, H5F_UNLIMITED);
  H5Dclose(H5Dcreate2(file, "x", H5T_STD_U8LE, space, H5P_DEFAULT, creation, H5P_DEFAULT));
  H5Pclose(creation);
  H5Sclose(space);
  H5Fclose(file);
}

// Limits the open files of this process until it goes out of scope.
class FileLimit {
 public:
  FileLimit() { getrlimit(RLIMIT_NOFILE, &before_); }
  ~FileLimit() { setrlimit(RLIMIT_NOFILE, &before_); }
  FileLimit(const FileLimit&) = delete;
  FileLimit& operator=(const FileLimit&) = delete;

  // Lets this many files more be opened.
  void leave(rlim_t more) const {
    setrlimit(RLIMIT_NOFILE, &before_);
    const int next = open("/dev/null", O_RDONLY);
    close(next);
    const rlimit limit{static_cast<rlim_t>(next) + more, before_.rlim_max};
    setrlimit(RLIMIT_NOFILE, &limit);
  }

 private:
  rlimit before_{};
};

std::string error_of_opening(const TempDir& dir, const char* file, const char* dataset) {
  return from_inside(dir.path(), error_of([&] { hdf5::File(dir / file).open(dataset); }));
}

}  // namespace

TEST_CASE("external and virtual sources are found beside the file") {
  const TempDir dir;
  dir.write("bytes.raw", "\x01\x02\x03\x04");
  std::filesystem::create_directory(dir / "parts");
  store_external(dir / "a.h5", "bytes.raw");
  CHECK(hdf5::File(dir / "a.h5").open("x").read<float>() == approx({1, 2, 3, 4}));
  store(dir / "parts/x.h5", "x", {{4}, {1, 2, 3, 4}});
  store_virtual(dir / "b.h5", "v", "parts/x.h5", "x");
  store_virtual(dir / "c.h5", "v", "b.h5", "v");
  const hdf5::File file(dir / "c.h5");
  CHECK(file.open("v").read<float>() == approx({1, 2, 3, 4}));
  CHECK(file.open("v").info().storage == "virtual");
}

TEST_CASE("a missing source is an error, not fill values") {
  const TempDir dir;
  store_external(dir / "a.h5", "bytes.raw");
  CHECK(error_of_opening(dir, "a.h5", "x") ==
        "3: a.h5: /x: its external file 'bytes.raw' cannot be read: No such file or directory");
  dir.write("bytes.raw", "abc");
  CHECK(error_of_opening(dir, "a.h5", "x") ==
        "3: a.h5: /x: its external file 'bytes.raw': expected 4 bytes, found 3");
  store_virtual(dir / "b.h5", "v", "gone.h5", "x");
  CHECK(error_of_opening(dir, "b.h5", "v") ==
        "3: b.h5: /v: its virtual source 'gone.h5' does not exist");
  store_virtual(dir / "c.h5", "v", "a.h5", "y");
  CHECK(error_of_opening(dir, "c.h5", "v") ==
        "3: c.h5: /v: its virtual source 'a.h5' has no dataset 'y'");
  store_virtual(dir / "d.h5", "v", "b.h5", "v");
  CHECK(error_of_opening(dir, "d.h5", "v") ==
        "3: b.h5: /v: its virtual source 'gone.h5' does not exist");
}

TEST_CASE("a virtual dataset made of itself is refused") {
  const TempDir dir;
  store_virtual(dir / "self.h5", "v", ".", "v");
  CHECK(error_of_opening(dir, "self.h5", "v") ==
        "3: self.h5: /v: is a virtual dataset that is made of itself");
  store_virtual(dir / "a.h5", "v", "b.h5", "v");
  store_virtual(dir / "b.h5", "v", "a.h5", "v");
  CHECK(error_of_opening(dir, "a.h5", "v") ==
        "3: a.h5: /v: is a virtual dataset that is made of itself");
}

TEST_CASE("numbered virtual sources end with the first that is missing") {
  const TempDir dir;
  store(dir / "part0.h5", "x", {{4}, {}, H5T_IEEE_F32LE});
  const hsize_t four = 4, unlimited = H5S_UNLIMITED, stride = 4, start = 0;
  const hid_t file = H5Fcreate((dir / "a.h5").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const hid_t space = H5Screate_simple(1, &four, &unlimited);
  const hid_t source = H5Screate_simple(1, &four, nullptr);
  H5Sselect_hyperslab(space, H5S_SELECT_SET, &start, &stride, &unlimited, &four);
  const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_virtual(creation, space, "part%b.h5", "x", source);
  H5Dclose(H5Dcreate2(file, "v", H5T_IEEE_F32LE, space, H5P_DEFAULT, creation, H5P_DEFAULT));
  H5Fclose(file);
  CHECK(hdf5::File(dir / "a.h5").open("v").read<float>() == approx({0, 1, 2, 3}));
  std::filesystem::rename(dir / "part0.h5", dir / "part1.h5");
  CHECK(error_of_opening(dir, "a.h5", "v") ==
        "3: a.h5: /v: its virtual source 'part0.h5' does not exist");
}

TEST_CASE("sources that cannot all be open at a time are an error, not fill values" *
          doctest::skip(kIsSanitized)) {
  const TempDir dir;
  constexpr hsize_t kCount = 20, kOne = 1;
  const hid_t file = H5Fcreate((dir / "a.h5").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const hid_t space = H5Screate_simple(1, &kCount, nullptr);
  const hid_t source = H5Screate_simple(1, &kOne, nullptr);
  const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  std::vector<float> expected;
  for (hsize_t i = 0; i < kCount; ++i) {
    const std::string name = "part" + std::to_string(i) + ".h5";
    store(dir / name, "x", {{1}, {static_cast<double>(i + 1)}, H5T_IEEE_F32LE});
    H5Sselect_hyperslab(space, H5S_SELECT_SET, &i, nullptr, &kOne, nullptr);
    H5Pset_virtual(creation, space, name.c_str(), "x", source);
    expected.push_back(static_cast<float>(i + 1));
  }
  H5Sselect_all(space);
  H5Dclose(H5Dcreate2(file, "v", H5T_IEEE_F32LE, space, H5P_DEFAULT, creation, H5P_DEFAULT));
  H5Fclose(file);

  const FileLimit limit;
  limit.leave(12);
  const std::string error = error_of_opening(dir, "a.h5", "v");
  CHECK(error.starts_with("3: a.h5: /v: its virtual source part"));
  CHECK(error.ends_with(": Too many open files; ulimit -n sets the number of open files"));
  limit.leave(40);
  const hdf5::Array array = hdf5::File(dir / "a.h5").open("v");
  CHECK(array.source_files() == kCount);
  limit.leave(0);
  CHECK(from_inside(dir.path(), error_of([&] { array.read<float>(); })) ==
        "3: a.h5: /v: cannot be opened: Too many open files; ulimit -n sets the number of open "
        "files");
  limit.leave(1);
  CHECK(array.read<float>() == approx(expected));
}

TEST_CASE("virtual datasets made of each other many times over are refused") {
  const TempDir dir;
  constexpr hsize_t kFour = 4;
  const hid_t file = H5Fcreate((dir / "a.h5").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const hid_t space = H5Screate_simple(1, &kFour, nullptr);
  for (int level = 0; level < 40; ++level) {
    const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    const std::string below = "v" + std::to_string(level - 1), name = "v" + std::to_string(level);
    for (int i = 0; i < 3 && level > 0; ++i)
      H5Pset_virtual(creation, space, ".", below.c_str(), space);
    H5Dclose(
        H5Dcreate2(file, name.c_str(), H5T_STD_U8LE, space, H5P_DEFAULT, creation, H5P_DEFAULT));
    H5Pclose(creation);
  }
  H5Fclose(file);
  CHECK(error_of_opening(dir, "a.h5", "v3").empty());
  CHECK(error_of_opening(dir, "a.h5", "v15") ==
        "3: a.h5: /v13: expected at most 1,000,000 virtual sources, counted once for each use, "
        "found more");
  CHECK(error_of_opening(dir, "a.h5", "v39") ==
        "3: a.h5: /v7: expected virtual datasets at most 32 deep, found more");
}

TEST_CASE("an output does not replace the file in which an input has its data") {
  const TempDir dir;
  dir.write("bytes.raw", "\x01\x02\x03\x04");
  store_external(dir / "external.h5", "bytes.raw");
  store_virtual(dir / "virtual.h5", "v", "external.h5", "x");
  const hid_t file = H5Fcreate((dir / "a.h5").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const hid_t group = H5Gcreate2(file, "g", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  H5Lcreate_external("virtual.h5", "v", group, "linked", H5P_DEFAULT, H5P_DEFAULT);
  H5Gclose(group);
  H5Fclose(file);
  const auto error = [&](const char* output) {
    return from_inside(dir.path(), error_of([&] {
                         CommandFiles files;
                         files.writes({dir / output, true}, "output");
                         hdf5::add_input(files, dir / "a.h5", "input");
                         files.check();
                       }));
  };
  CHECK(error("a.h5") == "2: a.h5: expected another file for the output, found the input");
  for (const std::string name : {"virtual.h5", "external.h5", "bytes.raw"})
    CHECK(error(name.c_str()) ==
          "2: " + name + ": expected another file for the output, found the source of the input");
  CHECK(error("b.h5").empty());
}

TEST_CASE("a link or a source that leads to a FIFO is not waited for") {
  const TempDir dir;
  REQUIRE(mkfifo((dir / "fifo").c_str(), 0600) == 0);
  store_virtual(dir / "v.h5", "v", "fifo", "x");
  CHECK(error_of_opening(dir, "v.h5", "v") ==
        "3: v.h5: /v: its virtual source fifo: expected an HDF5 file, found a FIFO");
  const hid_t file = H5Fcreate((dir / "a.h5").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  H5Lcreate_external("fifo", "x", file, "linked", H5P_DEFAULT, H5P_DEFAULT);
  H5Fclose(file);
  CHECK(error_of_opening(dir, "a.h5", "linked") == "3: a.h5: /linked: leads nowhere");
}

TEST_CASE("a filter that HDF5 cannot load is named") {
  const TempDir dir;
  const hid_t file = H5Fcreate((dir / "a.h5").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const hsize_t four = 4;
  const hid_t space = H5Screate_simple(1, &four, nullptr);
  const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_chunk(creation, 1, &four);
  H5Pset_filter(creation, 32099, H5Z_FLAG_OPTIONAL, 0, nullptr);
  H5Dclose(H5Dcreate2(file, "x", H5T_STD_U8LE, space, H5P_DEFAULT, creation, H5P_DEFAULT));
  H5Fclose(file);
  CHECK(error_of_opening(dir, "a.h5", "x") ==
        "3: a.h5: /x: expected a filter that HDF5 can load, found '' (32099); HDF5_PLUGIN_PATH "
        "names the plugins' folder");
}
