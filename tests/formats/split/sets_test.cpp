#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "data/hdf5/h5_files.h"
#include "formats/split/split.h"
#include "support/from_text.h"
#include "support/temp_dir.h"

using namespace lucid;
using namespace lucid::test;

namespace {

std::string error_of_split(
    const TempDir& dir, const SplitOptions& options,
    const std::function<void(double)>& progress = [](double) {}) {
  return from_inside(dir.path(), error_of([&] { split_set(options, progress); }));
}

// Writes cases c0 .. c9 and splits them into three sets; returns the options for two.
SplitOptions after_three_sets(const TempDir& dir) {
  for (int i = 0; i < 10; ++i) store(dir / "a.h5", "c" + std::to_string(i) + "/raw", {{2}, {1, 2}});
  SplitOptions options;
  options.inputs = {dir / "a.h5"};
  options.output = dir / "sets";
  options.fractions = {0.6, 0.2, 0.2};
  split_set(options, [](double) {});
  options.fractions = {0.5, 0.5};
  options.names = {"train", "validation"};
  options.may_overwrite = true;
  return options;
}

std::ptrdiff_t files_in_sets(const TempDir& dir) {
  return std::distance(std::filesystem::directory_iterator(dir / "sets"), {});
}

}  // namespace

TEST_CASE("sets replace all sets of the split before them, and no other files") {
  const TempDir dir;
  const SplitOptions options = after_three_sets(dir);
  std::filesystem::copy(dir / "a.h5", dir / "sets/other.h5");
  CHECK(error_of_split(dir, options) == "");
  CHECK(std::filesystem::exists(dir / "sets/train.h5"));
  CHECK(std::filesystem::exists(dir / "sets/validation.h5"));
  CHECK_FALSE(std::filesystem::exists(dir / "sets/test.h5"));
  CHECK(files_in_sets(dir) == 3);
  // A test set that belongs to no split with these sets stays.
  std::filesystem::copy(dir / "a.h5", dir / "sets/test.h5");
  CHECK(error_of_split(dir, options) == "");
  CHECK(files_in_sets(dir) == 4);
}

TEST_CASE("a split that fails leaves the sets that were there") {
  const TempDir dir;
  const SplitOptions options = after_three_sets(dir);
  const std::string train = read_text(dir / "sets/train.h5"),
                    test = read_text(dir / "sets/test.h5");
  const auto take_place = [&](double) {  // of a set that is put in place later
    std::filesystem::remove_all(dir / "sets/validation.h5");
    std::filesystem::create_directories(dir / "sets/validation.h5/folder");
  };
  CHECK(error_of_split(dir, options, take_place).ends_with(": cannot be written: Is a directory"));
  CHECK(read_text(dir / "sets/train.h5") == train);
  CHECK(read_text(dir / "sets/test.h5") == test);
  CHECK(files_in_sets(dir) == 3);
}

TEST_CASE("a set of an earlier split is not both read and removed") {
  const TempDir dir;
  SplitOptions options = after_three_sets(dir);
  options.inputs = {dir / "sets/test.h5"};
  CHECK(error_of_split(dir, options) ==
        "2: sets/test.h5: expected another folder for the sets, found the input");
}
