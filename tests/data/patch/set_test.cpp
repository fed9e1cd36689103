#include <doctest/doctest.h>

#include <set>

#include "data/patch/patch_files.h"
#include "support/approx.h"

using namespace lucid;
using namespace lucid::test;

namespace {

constexpr std::int64_t kIgnored = -100;

// Returns the position of the first voxel of a patch that lies within its volume.
Triple corner(const ReadPatch& patch) {
  const auto value = static_cast<std::int64_t>(patch.sample[0]);
  return {value / 10000, value / 100 % 100, value % 100};
}

}  // namespace

TEST_CASE("a random patch is a function of seed, epoch and index") {
  PatchDir dir;
  store_volume(dir / "a.h5", "one", {9, 12, 7});
  store_volume(dir / "a.h5", "two", {6, 8, 20});
  const PatchSampler::Options options{
      .patch = patch_config(R"({"size": [3, 4, 5], "per_volume": 40})"), .seed = 3};
  const auto set = open_patches(dir, starred(), options),
             other = open_patches(dir, starred(), options);
  CHECK(set->size() == 80);
  CHECK(set->sample_shape() == Shape{1, 3, 4, 5});
  CHECK(set->target_shape() == Shape{3, 4, 5});
  std::set<Triple> corners;
  for (std::size_t i = 0; i < 80; ++i) {
    const ReadPatch patch = read_patch(*set, 2, i);
    corners.insert(corner(patch));
    for (std::size_t k = 0; k < patch.sample.size(); ++k) {
      const auto [d, h, w] = corner(patch);
      const auto at = static_cast<std::int64_t>(k);
      CHECK(patch.sample[k] ==
            static_cast<float>(10000 * (d + at / 20) + 100 * (h + at / 5 % 4) + w + at % 5));
    }
  }
  CHECK(corners.size() > 50);
  for (std::size_t i = 80; i-- > 0;) CHECK(read_patch(*other, 2, i) == read_patch(*set, 2, i));
  CHECK(read_patch(*set, 1, 7) != read_patch(*set, 2, 7));
  PatchSampler::Options reseeded = options;
  reseeded.seed = 4;
  CHECK(read_patch(*open_patches(dir, starred(), reseeded), 2, 7) != read_patch(*set, 2, 7));
}

TEST_CASE("patches of files that are not kept open are the same") {
  PatchDir dir;
  store_volume(dir / "a.h5", "one", {9, 12, 7});
  const auto set =
      open_patches(dir, starred(), {.patch = patch_config(R"({"size": 4, "per_volume": 9})")});
  std::vector<ReadPatch> wanted;
  for (std::size_t i = 0; i < 9; ++i) wanted.push_back(read_patch(*set, 0, i));
  for (Stack* stack : set->volumes().all().front().stacks->all()) stack->close();
  for (std::size_t i = 0; i < 9; ++i) CHECK(read_patch(*set, 0, i) == wanted[i]);
}

TEST_CASE("random patches are as many as cover the volumes, unless a number is given") {
  PatchDir dir;
  store_volume(dir / "a.h5", "one", {9, 12, 7});
  store_volume(dir / "a.h5", "two", {2, 8, 20});
  const auto count = [&](const std::string& patch) {
    return open_patches(dir, starred(), {.patch = patch_config(patch)})->size();
  };
  CHECK(count(R"({"size": [3, 4, 5]})") == 3 * 3 * 2 + 1 * 2 * 4);
  CHECK(count(R"({"size": [3, 4, 5], "per_volume": 7})") == 14);
  CHECK(count(R"({"size": [3, 4, 5], "sampling": "grid"})") == 3 * 3 * 2 + 1 * 2 * 4);
  CHECK(count(R"({"size": [3, 4, 5], "sampling": "grid", "stride": [3, 2, 5]})") ==
        3 * 5 * 2 + 1 * 3 * 4);
}

TEST_CASE("the share of patches around foreground holds in every epoch, class by class") {
  PatchDir dir;
  // Class 1 fills a plane, class 2 is one voxel, label 9 is ignored, the second volume is empty.
  store_volume(dir / "a.h5", "one", {40, 30, 70}, [](auto d, auto h, auto w) {
    if (d == 39 && h == 2 && w == 66) return 2;
    return d == 20 ? 1 : d == 5 ? 9 : 0;
  });
  store_volume(dir / "a.h5", "two", {5, 5, 5});
  const auto set =
      open_patches(dir, starred(),
                   {.patch = patch_config(R"({"size": 5, "per_volume": 100, "foreground": 0.4})"),
                    .seed = 1,
                    .ignored = 9});
  for (std::int64_t epoch = 0; epoch < 5; ++epoch) {
    int rare = 0, common = 0;
    for (std::size_t i = 0; i < 100; ++i) {
      const ReadPatch patch = read_patch(*set, epoch, i);
      CHECK(read_patch(*set, epoch, i) == patch);
      if (std::ranges::find(patch.target, 2.0F) != patch.target.end()) {
        ++rare;
        CHECK(corner(patch) == Triple{35, 0, 64});  // the centre voxel, unless at an edge
      } else if (patch.target[62] == 1) {
        ++common;
      }
    }
    CHECK(rare + common >= 40);  // some others hit the plane by chance
    CHECK(rare + common <= 50);
    CHECK(rare >= 10);
    CHECK(common >= 10);
  }
}

TEST_CASE("a volume smaller than the patch is padded, and what is padded ignored") {
  PatchDir dir;
  store_volume(dir / "a.h5", "one", {2, 1, 3}, [](auto, auto, auto w) { return w; });
  const auto padded = [&](const std::string& mode, std::optional<std::int64_t> ignored) {
    PatchConfig patch = patch_config(R"({"size": [3, 1, 6], "padding_mode": ")" + mode + "\"}");
    const auto set = open_patches(dir, starred(), {.patch = patch, .ignored = ignored});
    set->normalize({{1}, {10}});
    return read_patch(*set, 0, 0);
  };
  const ReadPatch constant = padded("constant", kIgnored);
  CHECK(
      constant.sample ==
      approx({0, -0.1, 0, 0.1, 0, 0, 0, 999.9, 1000, 1000.1, 0, 0, 0, 0, 0, 0, 0, 0}).within(1e-6));
  const std::vector<float> ignored{-100, 0,    1,    2,    -100, -100, -100, 0,    1,
                                   2,    -100, -100, -100, -100, -100, -100, -100, -100};
  CHECK(constant.target == ignored);
  const ReadPatch mirrored = padded("reflect", kIgnored);
  CHECK(mirrored.sample == approx({0, -0.1, 0, 0.1, 0, -0.1, 1000, 999.9, 1000, 1000.1, 1000, 999.9,
                                   0, -0.1, 0, 0.1, 0, -0.1})
                               .within(1e-6));
  CHECK(mirrored.target == ignored);
  CHECK(padded("reflect", std::nullopt).target ==
        approx({1, 0, 1, 2, 1, 0, 1, 0, 1, 2, 1, 0, 1, 0, 1, 2, 1, 0}));
  CHECK(padded("constant", std::nullopt).target ==
        approx({0, 0, 1, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0}));
}

TEST_CASE("patches stay within the roi, which stands for the volume") {
  PatchDir dir;
  store_volume(dir / "a.h5", "one", {9, 12, 7});
  VolumesConfig volumes = starred();
  volumes.roi = Ranges{{2, 0, 3}, {7, 4, -1}};
  const auto set = open_patches(
      dir, volumes, {.patch = patch_config(R"({"size": [3, 4, 2], "per_volume": 60})")});
  std::set<std::int64_t> depths, widths;
  for (std::size_t i = 0; i < 60; ++i) {
    const auto [d, h, w] = corner(read_patch(*set, 0, i));
    CHECK(h == 0);
    depths.insert(d);
    widths.insert(w);
  }
  CHECK(depths == std::set<std::int64_t>{2, 3, 4});
  CHECK(widths == std::set<std::int64_t>{3, 4, 5});
}

TEST_CASE("a set that counts each voxel once ignores the rest of its windows") {
  PatchDir dir;
  store_volume(dir / "a.h5", "one", {4, 4, 7}, [](auto, auto, auto w) { return w; });
  const auto set = open_patches(dir, starred(),
                                {.patch = patch_config(R"({"size": 4, "sampling": "grid"})"),
                                 .ignored = kIgnored,
                                 .counts_voxels_once = true});
  REQUIRE(set->size() == 2);
  const ReadPatch first = read_patch(*set, 0, 0), second = read_patch(*set, 5, 1);
  CHECK(std::vector(first.target.begin(), first.target.begin() + 4) == approx({0, 1, 2, -100}));
  CHECK(std::vector(second.target.begin(), second.target.begin() + 4) == approx({3, 4, 5, 6}));
}

TEST_CASE("a mask places patches and leaves labels out") {
  PatchDir dir;
  const auto label = [](auto d, auto h, auto w) { return d == 8 && h == 1 && w == 1 ? 1 : 0; };
  store_volume(dir / "a.h5", "one", {10, 4, 4}, label);
  Stored mask{{10, 4, 4}, std::vector<double>(160, 0.0)};
  std::fill_n(mask.values.begin() + 3 * 16, 2 * 16, 5.0);  // d 3 and 4
  store(dir / "a.h5", "one/mask", mask);
  VolumesConfig volumes = starred();
  volumes.mask = "*/mask";
  const auto open = [&](const std::string& patch) {
    return open_patches(dir, volumes, {.patch = patch_config(patch), .ignored = kIgnored});
  };
  const auto random = open(R"({"size": [3, 4, 4], "per_volume": 30, "foreground": 0.5})");
  for (std::size_t i = 0; i < 30; ++i) {
    const ReadPatch patch = read_patch(*random, 0, i);
    const std::int64_t begin = corner(patch)[0];
    CHECK((begin == 2 || begin == 3));  // a valid voxel at the centre
    for (std::int64_t d = 0; d < 3; ++d)
      CHECK(patch.target[static_cast<std::size_t>(16 * d)] ==
            (begin + d == 3 || begin + d == 4 ? 0 : -100));
  }
  const auto grid = open(R"({"size": [2, 4, 4], "sampling": "grid"})");
  REQUIRE(grid->size() == 2);  // of five windows
  CHECK(corner(read_patch(*grid, 0, 0))[0] == 2);
  CHECK(corner(read_patch(*grid, 0, 1))[0] == 4);
}

TEST_CASE("several inputs are channels one behind the other") {
  PatchDir dir;
  store_volume(dir / "a.h5", "one", {4, 4, 4});
  Stored second{{2, 4, 4, 4}, {}};
  store(dir / "a.h5", "one/t2", second);
  VolumesConfig volumes{{"a.h5"}, "one/t2", "one/label", "cdhw", {"one/t2"}};
  const auto set = open_patches(dir, volumes, {.patch = patch_config(R"({"size": 4})")});
  CHECK(set->sample_shape() == Shape{4, 4, 4, 4});
  const ReadPatch patch = read_patch(*set, 0, 0);
  for (std::size_t i = 0; i < 128; ++i) {
    CHECK(patch.sample[i] == static_cast<float>(i));
    CHECK(patch.sample[128 + i] == static_cast<float>(i));
  }
}

TEST_CASE("labels of all voxels of the roi are counted") {
  PatchDir dir;
  store_volume(dir / "a.h5", "one", {4, 70, 66}, [](auto, auto h, auto w) {
    return h == 69 ? 3 : w == 65 ? 1 : 0;
  });
  VolumesConfig volumes = starred();
  volumes.roi = Ranges{{1, 0, 1}, {3, -1, -1}};
  PatchVolumes opened(volumes, expand_files(volumes.files, dir.path()), dir.cache);
  const PatchSet set(std::move(opened),
                     {.sampling = {.patch = patch_config(R"({"size": 4})")}, .needs_labels = true});
  const LabelHistogram histogram = set.label_histogram().value();
  CHECK(histogram.size() == 3);
  CHECK(histogram.at(3).voxels == 2 * 65);
  CHECK(histogram.at(1).voxels == 2 * 69);
  CHECK(histogram.at(0).voxels == 2 * 69 * 64);
  CHECK(from_inside(dir.path(), histogram.at(3).place) == "a.h5: /one/label");
}

TEST_CASE("labels of every channel are counted, and are foreground where they are not 0") {
  PatchDir dir;
  store_volume(dir / "a.h5", "one", {30, 4, 4});
  Stored labels{{2, 30, 4, 4}, std::vector<double>(960, 0.0)};
  labels.values[480 + 16 * 25] = 1;  // channel 1, d = 25
  store(dir / "a.h5", "channels", labels);
  const VolumesConfig volumes{{"a.h5"}, "one/raw", "channels", ""};
  const auto set = open_patches(
      dir, volumes,
      {.patch = patch_config(R"({"size": [3, 4, 4], "per_volume": 9, "foreground": 1})")});
  CHECK(set->target_shape() == Shape{2, 3, 4, 4});
  const LabelHistogram histogram = set->label_histogram().value();
  CHECK(histogram.at(1).voxels == 1);
  CHECK(histogram.at(0).voxels == 959);
  for (std::size_t i = 0; i < 9; ++i) {
    const ReadPatch patch = read_patch(*set, 0, i);
    CHECK(corner(patch)[0] == 24);
    CHECK(patch.target[48 + 16] == 1);
  }
}
