#include <doctest/doctest.h>

#include "data/patch/patch_files.h"

using namespace lucid;
using namespace lucid::test;

namespace {

std::string error_of_opening(PatchDir& dir, const VolumesConfig& volumes) {
  return from_inside(dir.path(),
                     error_of([&] { open_patches(dir, volumes, {.patch = patch_config("{}")}); }));
}

}  // namespace

TEST_CASE("volumes that cannot be cut into patches are refused") {
  PatchDir dir;
  store_volume(dir / "a.h5", "one", {9, 12, 7});
  VolumesConfig outside = starred();
  outside.roi = Ranges{{0, 0, 0}, {10, -1, -1}};
  CHECK(error_of_opening(dir, outside) ==
        "3: a.h5: /one/raw: expected a roi within d=0:9,h=0:12,w=0:7, found d=0:10,h=0:-1,w=0:-1 "
        "(-1: the end)");
  store(dir / "a.h5", "small", {{9, 12, 6}, {}});
  CHECK(
      error_of_opening(dir, {{"a.h5"}, "one/raw", "small", ""}) ==
      "3: a.h5: /small: expected a target for each voxel of /one/raw (9x12x7), found shape 9x12x6");
  CHECK(error_of_opening(dir, {{"a.h5"}, "one/raw", "one/label", "", {}, "small"}) ==
        "3: a.h5: /small: expected the size of /one/raw (9x12x7), found 9x12x6");
  CHECK(error_of_opening(dir, {{"a.h5"}, "one/raw", "one/label", "", {"small"}}) ==
        "3: a.h5: /small: expected the size of /one/raw (9x12x7), found 9x12x6");
  store(dir / "a.h5", "nowhere", {{9, 12, 7}, std::vector<double>(9 * 12 * 7, 0.0)});
  CHECK(error_of_opening(dir, {{"a.h5"}, "one/raw", "one/label", "", {}, "nowhere"}) ==
        "3: a.h5: /nowhere: expected a mask that is not 0 somewhere in the roi");
  CHECK(error_of_opening(dir, {{"a.h5"}, "*/raw", "*/label", "", {"one/raw"}}) ==
        "3: a.h5: input '*/raw' holds a * and input 'one/raw' none; expected one in both or in "
        "neither");
}

TEST_CASE("training and validation of one volume are kept apart") {
  PatchDir dir;
  store_volume(dir / "a.h5", "one", {9, 12, 7});
  const auto opened = [&](const Ranges& roi) {
    VolumesConfig volumes = starred();
    volumes.roi = roi;
    return PatchVolumes(volumes, expand_files(volumes.files, dir.path()), dir.cache);
  };
  const PatchVolumes train = opened({{0, 0, 0}, {5, -1, -1}});
  CHECK_NOTHROW(check_apart(train, opened({{5, 0, 0}, {-1, -1, -1}})));
  CHECK(from_inside(dir.path(), error_of([&] {
                      check_apart(train, opened({{4, 0, 0}, {-1, -1, -1}}));
                    })) ==
        "2: expected a roi that does not overlap that of /data/train, found d=4:9,h=0:12,w=0:7 "
        "beside "
        "d=0:5,h=0:12,w=0:7 of a.h5: /one/raw");
}
