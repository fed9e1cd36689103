#include "data/volumes/volumes.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "data/hdf5/h5_files.h"
#include "support/approx.h"
#include "support/from_text.h"
#include "support/temp_dir.h"

using namespace lucid;
using namespace lucid::test;

namespace {

constexpr std::size_t kCached = 1 << 20, kNotCached = 0;

std::unique_ptr<Volumes> open_in(const TempDir& dir, const VolumesConfig& config,
                                 std::size_t cache_bytes = kCached) {
  return open_volumes(config, expand_files(config.files, dir.path()), cache_bytes);
}

std::vector<float> sample(const Dataset& set, std::size_t index) {
  std::vector<float> values(set.sample_shape().count());
  set.read_sample(index, values);
  return values;
}

std::vector<float> target(const Dataset& set, std::size_t index) {
  std::vector<float> values(set.target_shape().count());
  set.read_target(index, values);
  return values;
}

}  // namespace

TEST_CASE("any order of axes gives samples in (C, D, H, W)") {
  const std::map<char, std::int64_t> extents{{'n', 2}, {'c', 3}, {'d', 2}, {'h', 3}, {'w', 4}};
  const TempDir dir;
  std::string axes = "cdhnw";
  std::sort(axes.begin(), axes.end());
  int number = 0;
  do {
    // Voxel (n, c, d, h, w) holds the number with digits ncdhw.
    Stored stored{{}, {}, H5T_STD_I32LE};
    std::vector<std::int64_t> at(5, 0);
    for (const char axis : axes) stored.extents.push_back(static_cast<hsize_t>(extents.at(axis)));
    for (int i = 0; i < 2 * 3 * 2 * 3 * 4; ++i) {
      double value = 0;
      for (const char axis : std::string("ncdhw"))
        value = 10 * value + static_cast<double>(at.at(axes.find(axis)));
      stored.values.push_back(value);
      for (std::size_t axis = 5; axis-- > 0;) {
        if (++at[axis] < extents.at(axes[axis])) break;
        at[axis] = 0;
      }
    }
    std::vector<float> expected;
    for (int c = 0; c < 3; ++c)
      for (int d = 0; d < 2; ++d)
        for (int h = 0; h < 3; ++h)
          for (int w = 0; w < 4; ++w)
            expected.push_back(static_cast<float>(10000 + 1000 * c + 100 * d + 10 * h + w));
    const std::string name = "v" + std::to_string(number++);
    store(dir / "a.h5", name, stored);
    CAPTURE(axes);
    for (const std::size_t cache : {kCached, kNotCached}) {
      const auto set = open_in(dir, {{"a.h5"}, name, "", axes}, cache);
      CHECK(set->size() == 2);
      CHECK(set->sample_shape() == Shape{3, 2, 3, 4});
      CHECK(sample(*set, 1) == approx(expected));
    }
  } while (std::next_permutation(axes.begin(), axes.end()));
  CHECK(number == 120);
}

TEST_CASE("ranks 3 to 5 are volumes and the targets that go with them are found") {
  struct Row {
    std::vector<hsize_t> input;
    const char* axes;
    std::vector<hsize_t> target;
    std::size_t samples;
    Shape sample, target_shape;
  };
  const Row kRows[] = {{{3, 1, 2, 4, 5}, "", {3}, 3, {1, 2, 4, 5}, {}},
                       {{3, 1, 2, 4, 5}, "", {3, 7}, 3, {1, 2, 4, 5}, {7}},
                       {{3, 1, 2, 4, 5}, "", {3, 2, 4, 5}, 3, {1, 2, 4, 5}, {2, 4, 5}},
                       {{3, 1, 2, 4, 5}, "", {3, 6, 2, 4, 5}, 3, {1, 2, 4, 5}, {6, 2, 4, 5}},
                       {{3, 1, 2, 4, 5}, "", {3, 1, 2, 4, 5}, 3, {1, 2, 4, 5}, {1, 2, 4, 5}},
                       {{3, 2, 4, 5, 7}, "nzyxc", {3, 2, 4, 5}, 3, {7, 2, 4, 5}, {2, 4, 5}},
                       {{3, 2, 4, 5, 7}, "ndhwc", {3, 2, 4, 5, 9}, 3, {7, 2, 4, 5}, {9, 2, 4, 5}},
                       {{3, 5, 4, 2}, "nwhd", {3, 5, 4, 2}, 3, {1, 2, 4, 5}, {2, 4, 5}},
                       {{3, 2, 4, 5}, "ndhw", {3, 6, 2, 4, 5}, 3, {1, 2, 4, 5}, {6, 2, 4, 5}},
                       {{3, 2, 4, 5}, "cdhw", {2, 4, 5}, 1, {3, 2, 4, 5}, {2, 4, 5}},
                       {{3, 2, 4, 5}, "cdhw", {6, 2, 4, 5}, 1, {3, 2, 4, 5}, {6, 2, 4, 5}},
                       {{3, 2, 4, 5}, "cdhw", {1}, 1, {3, 2, 4, 5}, {}},
                       {{2, 4, 5}, "", {}, 1, {1, 2, 4, 5}, {}},
                       {{2, 4, 5}, "", {2, 4, 5}, 1, {1, 2, 4, 5}, {2, 4, 5}},
                       {{2, 4, 5}, "", {1, 3}, 1, {1, 2, 4, 5}, {3}},
                       {{2, 4, 5}, "", {3}, 1, {1, 2, 4, 5}, {3}},
                       {{3, 9, 1, 1, 1}, "", {3}, 3, {9, 1, 1, 1}, {}}};
  const TempDir dir;
  int number = 0;
  for (const Row& row : kRows) {
    CAPTURE(number);
    const std::string file = std::to_string(number++) + ".h5";
    store(dir / file, "x", {row.input, {}, H5T_IEEE_F32LE});
    store(dir / file, "y", {row.target, {}, H5T_STD_I64LE});
    const auto set = open_in(dir, {{file}, "x", "y", row.axes});
    CHECK(set->size() == row.samples);
    CHECK(set->sample_shape() == row.sample);
    CHECK(set->target_shape() == row.target_shape);
    CHECK(set->target_type() == TargetType::kIntegers);
  }
}

TEST_CASE("several files are one set in their order") {
  const TempDir dir;
  std::filesystem::create_directory(dir / "sets");
  store(dir / "sets/b.h5", "x", {{2, 1, 1, 1, 1}, {2, 3}});
  store(dir / "sets/b.h5", "y", {{2}, {0, 1}});
  store(dir / "sets/a.hdf5", "x", {{1, 1, 1, 1, 1}, {1}});
  store(dir / "sets/a.hdf5", "y", {{1}, {5}});
  for (const char* entry : {"sets", "sets/*5", "sets/[ab].*"}) {
    const auto set = open_in(dir, {{entry}, "x", "/y", ""});
    CHECK(set->size() == 3);
    CHECK(sample(*set, 0) == approx({1}));
    CHECK(sample(*set, 2) == approx({3}));
    CHECK(target(*set, 2) == approx({1}));
    CHECK(from_inside(dir.path(), set->target_place(2)) == "sets/b.h5: /y, sample 1");
    CHECK(set->sources().size() == 2);
    CHECK(set->sources()[1].samples == 2);
    CHECK(set->sources()[1].dataset == "x");
  }
  CHECK(!open_in(dir, {{"sets"}, "x", "", ""})->has_targets());
}

TEST_CASE("a star pairs volumes and targets by what it matches") {
  const TempDir dir;
  store(dir / "a.h5", "p10/raw", {{1, 1, 1}, {10}});
  store(dir / "a.h5", "p10/label", {{1, 1, 1}, {1}});
  store(dir / "a.h5", "p2/raw", {{1, 1, 1}, {2}});
  store(dir / "a.h5", "p2/label", {{1, 1, 1}, {0}});
  store(dir / "a.h5", "deep/p3/raw", {{1, 1, 1}, {3}});
  const auto set = open_in(dir, {{"a.h5"}, "*/raw", "/*/label", ""});
  CHECK(set->size() == 2);
  CHECK(sample(*set, 0) == approx({10}));
  CHECK(target(*set, 0) == approx({1}));
  CHECK(from_inside(dir.path(), set->target_place(1)) == "a.h5: /p2/label, sample 0");
}

TEST_CASE("a dataset whose name holds a star takes precedence") {
  const TempDir dir;
  store(dir / "a.h5", "x*", {{1, 1, 1}, {7}});
  store(dir / "a.h5", "x1", {{1, 1, 1}, {1}});
  store(dir / "a.h5", "y", {{}, {1}});
  const auto set = open_in(dir, {{"a.h5"}, "x*", "y", ""});
  CHECK(set->size() == 1);
  CHECK(sample(*set, 0) == approx({7}));
}

TEST_CASE("a star finds a group under every name that links give it") {
  const TempDir dir;
  store(dir / "a.h5", "cases/a/raw", {{2, 2, 2}, {}});
  store(dir / "a.h5", "cases/b/raw", {{2, 2, 2}, {}});
  store(dir / "a.h5", "train/other", {{1}, {}});
  const hid_t file = H5Fopen((dir / "a.h5").c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
  for (const char* name : {"train/first", "train/second"})
    H5Lcreate_soft("/cases/a", file, name, H5P_DEFAULT, H5P_DEFAULT);
  H5Fclose(file);
  const VolumesConfig config{.files = {}, .input = "train/*/raw", .target = "", .axes = ""};
  const auto set = open_volumes(config, {dir / "a.h5"}, 0);
  REQUIRE(set->size() == 2);
  CHECK(set->sources()[0].dataset == "train/first/raw");
  CHECK(set->sources()[1].dataset == "train/second/raw");
}
