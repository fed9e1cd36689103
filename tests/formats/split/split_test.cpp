#include "formats/split/split.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

#include "data/hdf5/file.h"
#include "data/hdf5/h5_files.h"
#include "formats/readers/geometry.h"
#include "formats/split/assign.h"
#include "support/from_text.h"
#include "support/temp_dir.h"

using namespace lucid;
using namespace lucid::test;

namespace {

std::vector<std::int64_t> counts(const std::vector<std::size_t>& sets, std::size_t all) {
  std::vector<std::int64_t> found(all, 0);
  for (const std::size_t set : sets) ++found[set];
  return found;
}

std::string split_error(const TempDir& dir, const SplitOptions& options) {
  return from_inside(dir.path(), error_of([&] { split_set(options, [](double) {}); }));
}

SplitOptions options_for(const TempDir& dir, const std::vector<double>& fractions) {
  SplitOptions options;
  options.inputs = {dir / "a.h5"};
  options.output = dir / "sets";
  options.fractions = fractions;
  options.names.resize(fractions.size());
  return options;
}

// Writes cases c0 .. c9: raw is full of the case's number, label is its class.
void write_cases(const TempDir& dir) {
  for (int i = 0; i < 10; ++i) {
    const std::string name = "c" + std::to_string(i);
    const auto number = static_cast<double>(i);
    store(dir / "a.h5", name + "/raw", {{1, 1, 2}, {number, number}, H5T_STD_U8LE, {1, 1, 2}, 4});
    store(dir / "a.h5", name + "/class", {{1}, {number < 5 ? 0.0 : 1.0}});
  }
}

}  // namespace

TEST_CASE("units are assigned to sets in proportion, over all and within every class") {
  const std::vector<std::int64_t> one(100, 0);
  CHECK(counts(assign_to_sets(one, {0.8, 0.1, 0.1}, 1), 3) ==
        std::vector<std::int64_t>{80, 10, 10});
  CHECK(counts(assign_to_sets(one, {0.5, 0.2}, 1), 3) == std::vector<std::int64_t>{50, 20, 30});
  CHECK(assign_to_sets(one, {0.5, 0.5}, 7) == assign_to_sets(one, {0.5, 0.5}, 7));
  CHECK(assign_to_sets(one, {0.5, 0.5}, 7) != assign_to_sets(one, {0.5, 0.5}, 8));
  std::vector<std::int64_t> classes(100, 0);
  std::fill_n(classes.begin(), 20, 5);  // a fifth
  const std::vector<std::size_t> sets = assign_to_sets(classes, {0.75, 0.25}, 3);
  const std::vector<std::size_t> rare(sets.begin(), sets.begin() + 20);
  CHECK(counts(sets, 2) == std::vector<std::int64_t>{75, 25});
  CHECK(counts(rare, 2) == std::vector<std::int64_t>{15, 5});
}

TEST_CASE("the groups of a file are assigned to sets, copied or linked") {
  const TempDir dir;
  write_cases(dir);
  SplitOptions options = options_for(dir, {0.6, 0.4});
  options.names = {"train", "test"};
  options.stratify = "class";
  for (const bool are_linked : {false, true}) {
    options.are_linked = are_linked;
    options.may_overwrite = are_linked;
    const std::vector<SplitSet> sets = split_set(options, [](double) {});
    CHECK(sets[0].content == "6 cases");
    CHECK(from_inside(dir.path(), sets[1].file) == "sets/test.h5");
    std::vector<float> found;
    for (const SplitSet& set : sets) {
      const hdf5::File file(set.file);
      float ones = 0;
      for (const std::string& name : file.children("")) {
        const hdf5::Array raw = file.open(name + "/raw");
        CHECK(raw.info().storage == "chunks 1x1x2, deflate 4");
        found.push_back(raw.read<float>()[1]);
        ones += file.open(name + "/class").read<float>()[0];
      }
      CHECK(2 * ones == static_cast<float>(file.children("").size()));  // half of each class
    }
    std::sort(found.begin(), found.end());
    CHECK(found == std::vector<float>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  }
}

TEST_CASE("several files are assigned as wholes, each a group of its set") {
  const TempDir dir;
  SplitOptions options = options_for(dir, {0.5, 0.5});
  options.names = {"a", "b"};
  options.inputs.clear();
  for (const char* name : {"in/x.h5", "in/y.h5"}) {
    std::filesystem::create_directories(dir / "in");
    store(dir / name, "raw", {{1, 2, 2}, {}});
    options.inputs.push_back(dir / name);
  }
  const auto sets = split_set(options, [](double) {});
  std::vector<std::string> names;
  for (const SplitSet& set : sets)
    for (const std::string& name : hdf5::File(set.file).datasets()) names.push_back(name);
  std::sort(names.begin(), names.end());
  CHECK(names == std::vector<std::string>{"x/raw", "y/raw"});
}

TEST_CASE("samples are assigned with all their arrays, in their order") {
  const TempDir dir;
  std::vector<double> volumes, labels;
  for (int i = 0; i < 10; ++i) {
    volumes.insert(volumes.end(), 8, i);
    labels.push_back(i % 2);
  }
  store(dir / "a.h5", "volumes", {{10, 1, 2, 2, 2}, volumes, H5T_STD_I16BE});
  store(dir / "a.h5", "labels", {{10}, labels});
  SplitOptions options = options_for(dir, {0.6, 0.2});
  options.names = {"train", "test"};
  options.stratify = "labels";
  options.seed = 5;
  const auto sets = split_set(options, [](double) {});
  CHECK(sets[0].content == "6 samples");
  CHECK(sets[1].content == "2 samples");
  for (const SplitSet& set : sets) {
    const hdf5::File file(set.file);
    const auto rows = file.attribute_list<std::int64_t>("volumes", "source_samples");
    CHECK(std::is_sorted(rows.begin(), rows.end()));
    const std::vector<float> values = file.open("volumes").read<float>();
    const std::vector<float> found = file.open("labels").read<float>();
    REQUIRE(found.size() == rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      CHECK(values[8 * i + 7] == static_cast<float>(rows[i]));
      CHECK(found[i] == static_cast<float>(rows[i] % 2));
    }
    CHECK(file.open("volumes").info().type == "int16");
    CHECK(2 * std::accumulate(found.begin(), found.end(), 0.0f) ==
          static_cast<float>(found.size()));
  }
}

TEST_CASE("samples keep the attributes of their arrays, and their own names") {
  const TempDir dir;
  {
    hdf5::Writer writer(dir / "a.h5");
    const std::vector<std::uint8_t> values{0, 1, 2, 3};
    writer.write<std::uint8_t>("raw", Shape{4}, values);
    writer.set_attribute("raw", "names", std::string(R"(["a","b","c","d"])"));
    writer.set_attribute("raw", "scanner", std::string("the user's"));
    writer.close();
  }
  SplitOptions options = options_for(dir, {0.5, 0.5});
  options.names = {"train", "test"};
  const std::string letters = "abcd";
  for (const SplitSet& set : split_set(options, [](double) {})) {
    const hdf5::File file(set.file);
    const auto rows = file.attribute_list<std::int64_t>("raw", "source_samples");
    REQUIRE(rows.size() == 2);
    CHECK(file.attribute<std::string>("raw", "scanner") == "the user's");
    CHECK(file.attribute<std::string>("raw", "names") ==
          std::string("[\"") + letters[static_cast<std::size_t>(rows[0])] + "\",\"" +
              letters[static_cast<std::size_t>(rows[1])] + "\"]");
  }
}

TEST_CASE("a volume is cut along an axis, and its parts know where they lay") {
  const TempDir dir;
  std::vector<double> planes;
  for (int d = 0; d < 10; ++d) planes.insert(planes.end(), 6, d);
  {
    hdf5::Writer writer(dir / "a.h5");
    std::vector<std::uint8_t> values(planes.begin(), planes.end());
    writer.write<std::uint8_t>("raw", Shape{10, 2, 3}, values);
    writer.write<std::uint8_t>("label", Shape{10, 2, 3}, values);
    write_geometry(writer, "raw", plain_geometry({4, 3, 2}));
    writer.close();
  }
  SplitOptions options = options_for(dir, {0.7, 0.2, 0.1});
  options.names = {"train", "validation", "test"};
  options.along = 'd';
  const auto sets = split_set(options, [](double) {});
  CHECK(sets[0].content == "d=0:7");
  CHECK(sets[1].content == "d=7:9");
  const hdf5::File file(sets[1].file);
  CHECK(file.open("label").read<float>() == std::vector<float>{7, 7, 7, 7, 7, 7, 8, 8, 8, 8, 8, 8});
  CHECK(read_geometry(file, "raw")->affine[11] == 28);  // seven slices of 4 mm
  CHECK(hdf5::File(sets[2].file).open("raw").shape() == Shape{1, 2, 3});
}

TEST_CASE("input that cannot be split is reported, and nothing is left behind") {
  const TempDir dir;
  write_cases(dir);
  SplitOptions options = options_for(dir, {0.99, 0.01});
  options.names = {"train", "test"};
  CHECK(split_error(dir, options) ==
        "2: --fractions: expected enough cases for every set, found 10, which leaves none for "
        "'test'");
  CHECK_FALSE(std::filesystem::exists(dir / "sets"));
  options.fractions = {0.9, 0.2};
  CHECK(split_error(dir, options).starts_with("2: --fractions: expected a sum of at most 1"));
  options.fractions = {0.9, 0};
  CHECK(split_error(dir, options) == "2: --fractions: expected numbers above 0, found 0");
  options.fractions = {0.5, 0.5};
  options.names = {"a", "a"};
  CHECK(split_error(dir, options) ==
        "2: --names: expected 2 different names, one per fraction, found 'a,a'");
  options.names = {"train", "test"};
  options.stratify = "raw";
  CHECK(split_error(dir, options) ==
        "3: a.h5: /c0/raw: expected one class to stratify by, found 2 numbers");
  options.along = 'd';
  CHECK(split_error(dir, options) ==
        "2: --along: expected one file, without --stratify and --link; a cut needs neither");
  store(dir / "b.h5", "raw", {{4, 2, 2}, {}});
  store(dir / "b.h5", "other", {{3, 2, 2}, {}});
  options = options_for(dir, {0.5, 0.5});
  options.inputs = {dir / "b.h5"};
  options.names = {"train", "test"};
  CHECK(split_error(dir, options) ==
        "3: b.h5: /raw: expected 3 samples as in /other, found 4; one volume is cut with --along "
        "d");
  dir.write("sets/train.h5", "precious");
  CHECK(split_error(dir, options) == "2: sets/train.h5: exists; --overwrite replaces it");
}
