#include "folds/fold_cases.h"

#include <doctest/doctest.h>

#include "data/patch/patch_files.h"
#include "data/volumes/case_choice.h"
#include "support/experiment.h"

namespace lucid::test {
namespace {

using CaseNames = std::vector<std::string>;

VolumesConfig volumes_in(const TempDir& dir, const CaseNames& files) {
  VolumesConfig config{{}, "volumes", "labels", ""};
  for (const std::string& file : files) config.files.push_back((dir / file).string());
  return config;
}

}  // namespace

TEST_CASE("the cases of a set are sorted by name, and known by another in their files") {
  const TempDir dir;
  for (const char* folder : {"two", "one"}) std::filesystem::create_directories(dir / folder);
  write_set(dir / "two/a.h5", {.count = 2});
  write_set(dir / "one/a.h5", {.count = 3});
  const FoldCases cases(volumes_in(dir, {"two/a.h5", "one/a.h5"}));
  CHECK(cases.names() == CaseNames{"one/a_0", "one/a_1", "one/a_2", "two/a_0", "two/a_1"});
  CHECK(cases.named("two/a_1").name_in_file == "a_1");
  CHECK(cases.named("two/a_1").sample == 1);
}

TEST_CASE("the cases of a set may be some of those in its files") {
  const TempDir dir;
  write_set(dir / "a.h5", {.count = 4});
  VolumesConfig config = volumes_in(dir, {"a.h5"});
  config.cases = {"a_3", "a_1"};
  const FoldCases cases(config);
  CHECK(cases.names() == CaseNames{"a_1", "a_3"});
  CHECK(cases.named("a_3").sample == 1);
  CHECK(cases.named("a_3").stacks->first().stored_sample(1) == 3);
}

TEST_CASE("cases of equal names are refused") {
  const TempDir dir;
  write_set(dir / "a.h5", {.count = 2});
  write_set(dir / "a_1.h5", {.count = 1});
  CHECK(error_of([&] {
          FoldCases(volumes_in(dir, {"a.h5", "a_1.h5"}));
        }) == "2: " + (dir / "a_1.h5").string() +
                  ": /volumes: expected cases of different names, found another 'a_1' in " +
                  (dir / "a.h5").string() + ": /volumes");
}

}  // namespace lucid::test
