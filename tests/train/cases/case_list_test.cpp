#include "train/cases/case_list.h"

#include <doctest/doctest.h>

#include "data/patch/patch_files.h"
#include "support/experiment.h"
#include "train/cases/slice_places.h"

namespace lucid::test {
namespace {

std::unique_ptr<Dataset> open(const TempDir& dir, const std::vector<std::string>& files) {
  const VolumesConfig config{files, "volumes", "voxels", ""};
  return open_volumes(config, expand_files(files, dir.path()), 0);
}

std::vector<std::string> names_of(const CaseList& list) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < list.size(); ++i) names.push_back(list.name(i));
  return names;
}

using Names = std::vector<std::string>;

PatchSampler::Options grid(const std::string& patch) {
  return {.patch = patch_config(patch), .counts_voxels_once = true};
}

}  // namespace

TEST_CASE("a case is named by its file, and by its number where the file has several") {
  TempDir dir;
  write_set(dir / "a.h5", {.count = 1});
  write_set(dir / "b.h5", {.count = 2});
  const auto set = open(dir, {"a.h5", "b.h5"});
  const CaseList list(*set, nullptr);
  CHECK(names_of(list) == Names{"a", "b_0", "b_1"});
  CHECK(list.case_of(2) == 2);
  CHECK(list.end(2) == 3);
  CHECK(list.part(1).window == Box{{0, 0, 0}, {6, 6, 6}});
}

TEST_CASE("files of equal names are told apart by as many of their folders as it takes") {
  TempDir dir;
  for (const char* folder : {"x/one", "y/one", "y/two"}) {
    std::filesystem::create_directories(dir / folder);
    write_set(dir / folder / "image.h5", {.count = 1});
  }
  const auto two = open(dir, {"y/one/image.h5", "y/two/image.h5"});
  CHECK(names_of(CaseList(*two, nullptr)) == Names{"one/image", "two/image"});
  const auto all = open(dir, {"x/one/image.h5", "y/one/image.h5", "y/two/image.h5"});
  CHECK(names_of(CaseList(*all, nullptr)) == Names{"x/one/image", "y/one/image", "y/two/image"});
}

TEST_CASE("the cases of patches are volumes, named by what a star stood for") {
  PatchDir dir;
  store_volume(dir / "a.h5", "one", {9, 12, 7});
  store_volume(dir / "a.h5", "two", {2, 8, 20});
  const auto set = open_patches(dir, starred(), grid(R"({"size": 6, "sampling": "grid"})"));
  const CaseList list(*set, set.get());
  CHECK(names_of(list) == Names{"one", "two"});
  CHECK(set->size() == 8 + 8);
  CHECK(list.begin(1) == 8);
  CHECK(list.end(1) == 16);
  CHECK(list.case_of(7) == 0);
  CHECK(list.case_of(8) == 1);
  CHECK(list.extents(1) == Triple{2, 8, 20});
  // Windows of 6 cover 2 voxels with 2 of padding on both sides.
  CHECK(list.part(8).window == Box{{-2, 0, 0}, {6, 6, 6}});
  CHECK(list.part(8).counted.size[0] == 2);
  std::int64_t counted = 0;
  for (std::size_t sample = 8; sample < 16; ++sample) counted += list.part(sample).counted.voxels();
  CHECK(counted == 2 * 8 * 20);
}

TEST_CASE("parts of a volume are counted from the beginning of its roi") {
  PatchDir dir;
  store_volume(dir / "a.h5", "one", {9, 12, 7});
  VolumesConfig config = starred();
  config.roi = Ranges{{3, 2, 1}, {9, 8, 7}};
  const auto set = open_patches(dir, config, grid(R"({"size": 6, "sampling": "grid"})"));
  const CaseList list(*set, set.get());
  CHECK(list.extents(0) == Triple{6, 6, 6});
  CHECK(list.part(0).counted == Box{{0, 0, 0}, {6, 6, 6}});
}

TEST_CASE("a case is shown where it has the most labelled voxels") {
  PatchDir dir;
  const auto label = [](auto d, auto h, auto) { return d == 5 && h < 4 ? 2 : d == 7 ? 9 : 0; };
  store_volume(dir / "a.h5", "one", {9, 12, 7}, label);
  store_volume(dir / "a.h5", "two", {4, 8, 20});
  const auto set = open_patches(dir, starred(), grid(R"({"size": 6, "sampling": "grid"})"));
  const CaseList list(*set, set.get());
  SlicePlaces places(list, *set, 9);
  std::vector<float> target(set->target_shape().count());
  for (int pass = 0; pass < 2; ++pass)
    for (std::size_t sample = 0; sample < set->size(); ++sample) {
      set->read_target(sample, target);
      std::vector<double> numbers;
      places.measure(sample, target, numbers);
      std::span<const double> left = numbers;
      places.take(sample, left);
      CHECK(left.empty());
    }
  CHECK(places.place(0) == 5);
  CHECK(places.place(1) == 2);  // nothing is labelled
  SlicePlaces none(list, *set, std::nullopt);
  CHECK(none.place(0) == 4);
}

}  // namespace lucid::test
