#include "data/volumes/case_choice.h"

#include <doctest/doctest.h>

#include "data/patch/patch_files.h"
#include "support/experiment.h"

namespace lucid::test {
namespace {

using Names = std::vector<std::string>;

std::unique_ptr<Volumes> open_cases(const TempDir& dir, const Names& cases,
                                    std::size_t cache_bytes = 0) {
  VolumesConfig config{{"a.h5", "b.h5"}, "volumes", "labels", ""};
  config.cases = cases;
  return open_volumes(config, {dir / "a.h5", dir / "b.h5"}, cache_bytes);
}

std::vector<float> sample_of(const Dataset& set, std::size_t index) {
  std::vector<float> sample(set.sample_shape().count() + 1);
  set.read_sample(index, std::span(sample).subspan(1));
  set.read_target(index, std::span(sample).first(1));
  return sample;
}

}  // namespace

TEST_CASE("a set of chosen cases has these samples of its files, in their order") {
  const TempDir dir;
  write_set(dir / "a.h5", {.count = 5});
  write_set(dir / "b.h5", {.count = 1, .seed = 2});
  const auto all = open_cases(dir, {});
  for (const std::size_t cache_bytes : {std::size_t{0}, std::size_t{1} << 20}) {
    const auto chosen = open_cases(dir, {"b", "a_4", "a_1", "a_0"}, cache_bytes);
    REQUIRE(chosen->size() == 4);
    const std::vector<std::size_t> stored{0, 1, 4, 5};
    for (std::size_t i = 0; i < 4; ++i) CHECK(sample_of(*chosen, i) == sample_of(*all, stored[i]));
    CHECK(chosen->target_place(2).ends_with("a.h5: /labels, sample 4"));
    const std::vector<SampleOrigin> origins = chosen->origins();
    REQUIRE(origins.size() == 3);
    CHECK(origins[0].end == 2);
    CHECK(origins[1].begin == 4);
    CHECK(origins[2].name == "b");
  }
  CHECK(shared_samples(open_cases(dir, {"a_0", "a_3"})->origins(),
                       open_cases(dir, {"a_1", "a_3", "b"})->origins())
            .count == 1);
  CHECK(open_cases(dir, {"b"})->size() == 1);
}

TEST_CASE("a set has no cases but those of its files") {
  const TempDir dir;
  write_set(dir / "a.h5", {.count = 2});
  write_set(dir / "b.h5", {.count = 1});
  CHECK(error_of([&] {
          open_cases(dir, {"a_0", "a_2"});
        }) == "2: " + (dir / "a.h5").string() + ": /volumes: no case 'a_2'; did you mean 'a_0'?");
}

TEST_CASE("the patches of chosen cases are those of their volumes") {
  PatchDir dir;
  store_volume(dir / "a.h5", "one", {6, 6, 6});
  store_volume(dir / "a.h5", "two", {7, 6, 6});
  store_volume(dir / "a.h5", "three", {8, 6, 6});
  VolumesConfig config = starred();
  config.cases = {"two", "one"};
  const auto set = open_patches(dir, config, {.patch = patch_config(R"({"size": 6})")});
  REQUIRE(set->volumes().all().size() == 2);
  CHECK(set->volumes().all()[0].extents() == Triple{6, 6, 6});
  CHECK(set->volumes().all()[1].extents() == Triple{7, 6, 6});
  CHECK(set->origins()[1].name == "two");
}

TEST_CASE("patches of chosen samples of a dataset are measured and named as what they are") {
  PatchDir dir;
  write_set(dir / "s.h5", {.count = 4});
  VolumesConfig config{{"s.h5"}, "volumes", "voxels", ""};
  const auto first_of = [&](const Names& cases) {
    config.cases = cases;
    return open_patches(dir, config, {.patch = patch_config(R"({"size": 6})")});
  };
  const auto all = first_of({}), chosen = first_of({"s_3", "s_1"});
  REQUIRE(chosen->volumes().all().size() == 2);
  CHECK(read_patch(*chosen, 0, 0) == read_patch(*all, 0, 1));
  CHECK(read_patch(*chosen, 0, 1) == read_patch(*all, 0, 3));
  CHECK(chosen->volumes().all()[1].identity() == all->volumes().all()[3].identity());
  CHECK(chosen->volumes().all()[1].place().ends_with("s.h5: /voxels, sample 3"));
}

TEST_CASE("a case that there is not is told with a likely name, or with some that there are") {
  Names known;
  for (int i = 10; i < 40; ++i) known.push_back("scan" + std::to_string(i));
  CHECK(no_such_case("scam17", known) == "no case 'scam17'; did you mean 'scan17'?");
  CHECK(no_such_case("x", known) ==
        "no case 'x'; known: scan10, scan11, scan12, scan13, scan14, scan15, scan16, scan17, "
        "scan18, scan19 and 20 more");
}

TEST_CASE("names of files end before their suffixes") {
  CHECK(plain_stem("x/a.h5") == "a");
  CHECK(plain_stem("a.nii.gz") == "a");
  CHECK(plain_stem("a.b.h5") == "a.b");
}

}  // namespace lucid::test
