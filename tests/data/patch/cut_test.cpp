#include "data/patch/cut.h"

#include <doctest/doctest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/file.h"
#include "data/hdf5/h5_files.h"
#include "support/from_text.h"
#include "support/temp_dir.h"

using namespace lucid;
using namespace lucid::test;

namespace {

// Stores a volume of 4 x 5 x 6 voxels numbered in storage order; the label is 3 where x < 3, else
// 7, but 0 at d 0.
void make_volume(const TempDir& dir) {
  Stored labels{{4, 5, 6}, {}};
  for (int i = 0; i < 120; ++i) labels.values.push_back(i < 30 ? 0 : i % 6 < 3 ? 3 : 7);
  store(dir / "a.h5", "raw", {{4, 5, 6}, {}});
  store(dir / "a.h5", "floats", {{1, 4, 5, 6}, {}, H5T_IEEE_F64LE});
  store(dir / "a.h5", "labels", labels);
}

PatchOptions options_with(std::int64_t per_class, const std::string& region = "") {
  PatchOptions options;
  options.raw = "raw";
  options.labels = "labels";
  options.size = {1, 2, 2};
  options.per_class = per_class;
  if (!region.empty()) options.region = parse_ranges(region);
  return options;
}

hdf5::File patches_of(const TempDir& dir, const PatchOptions& options) {
  hdf5::Writer output = hdf5::Writer::in_memory("out.h5");
  make_patches(hdf5::File(dir / "a.h5"), options, output);
  write_file_atomically(dir / "out.h5", output.image());
  return hdf5::File(dir / "out.h5");
}

std::string error_of_cutting(const TempDir& dir, const PatchOptions& options) {
  return from_inside(dir.path(), error_of([&] { patches_of(dir, options); }));
}

}  // namespace

TEST_CASE("patches lie around voxels of their label and inside the region") {
  const TempDir dir;
  make_volume(dir);
  const auto file = patches_of(dir, options_with(8, "x=1:,z=1:3"));
  const auto labels = file.open("labels").read<std::int64_t>();
  const auto voxels = file.open("volumes").read<std::int64_t>();
  CHECK(file.open("volumes").shape() == Shape{16, 1, 1, 2, 2});
  CHECK(file.open("volumes").info().type == "uint8");
  CHECK(file.attribute_list<std::int64_t>("labels", "original_labels") ==
        std::vector<std::int64_t>{3, 7});
  std::map<std::int64_t, std::set<std::int64_t>> begins;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const std::int64_t first = voxels[4 * i], x = first % 6, z = first / 30;
    CHECK(voxels[4 * i + 1] == first + 1);
    CHECK(voxels[4 * i + 2] == first + 6);
    CHECK((x >= 1 && x <= 4 && z >= 1 && z < 3 && first / 6 % 5 <= 3));
    CHECK(labels[i] == (x + 1 < 3 ? 0 : 1));
    CHECK(begins[labels[i]].insert(first).second);
  }
  CHECK(begins[0].size() == 8);
  CHECK(begins[1].size() == 8);
}

TEST_CASE("mirrored patches are the same ones, turned around") {
  const TempDir dir;
  make_volume(dir);
  PatchOptions options = options_with(5);
  const auto plain = patches_of(dir, options).open("volumes").read<std::int64_t>();
  options.mirror = 2;
  const auto mirrored = patches_of(dir, options).open("volumes").read<std::int64_t>();
  for (std::size_t i = 0; i < plain.size(); i += 2) {
    CHECK(mirrored[i] == plain[i + 1]);
    CHECK(mirrored[i + 1] == plain[i]);
  }
}

TEST_CASE("a seed chooses the patches") {
  const TempDir dir;
  make_volume(dir);
  PatchOptions options = options_with(6);
  const auto first = patches_of(dir, options).open("volumes").read<float>();
  CHECK(patches_of(dir, options).open("volumes").read<float>() == first);
  options.seed = 1;
  CHECK(patches_of(dir, options).open("volumes").read<float>() != first);
}

TEST_CASE("only the labels asked for are kept, 0 too when it is asked for") {
  const TempDir dir;
  make_volume(dir);
  PatchOptions options = options_with(2);
  options.classes = {7, 0};
  options.raw = "floats";
  const auto file = patches_of(dir, options);
  CHECK(file.attribute_list<std::int64_t>("labels", "original_labels") ==
        std::vector<std::int64_t>{0, 7});
  CHECK(file.open("volumes").info().type == "float32");
  CHECK(file.open("labels").shape() == Shape{4});
}

TEST_CASE("voxel labels are those of the voxels of the patch, as stored") {
  const TempDir dir;
  make_volume(dir);
  PatchOptions options = options_with(5);
  options.voxel_labels = true;
  options.mirror = 2;
  const auto file = patches_of(dir, options);
  const auto voxels = file.open("volumes").read<std::int64_t>();
  const auto labels = file.open("labels").read<std::int64_t>();
  const auto all = hdf5::File(dir / "a.h5").open("labels").read<std::int64_t>();
  CHECK(file.open("labels").shape() == Shape{10, 1, 2, 2});
  REQUIRE(labels.size() == voxels.size());
  for (std::size_t i = 0; i < voxels.size(); ++i)  // the value of a voxel is its index
    CHECK(labels[i] == all[static_cast<std::size_t>(voxels[i])]);
}

TEST_CASE("patches that cannot be cut are refused") {
  const TempDir dir;
  make_volume(dir);
  store(dir / "a.h5", "other", {{4, 5, 7}, {}});
  store(dir / "a.h5", "set", {{2, 4, 5, 6}, {}});
  const auto with = [](PatchOptions options, auto PatchOptions::*member, auto value) {
    options.*member = value;
    return options;
  };
  const PatchOptions options = options_with(8);
  CHECK(error_of_cutting(dir, options_with(1000)) ==
        "3: a.h5: /labels: label 3: expected at least 1000 voxels with a whole patch around them "
        "in the region, found 24");
  CHECK(
      error_of_cutting(dir, with(options, &PatchOptions::classes, std::vector<std::int64_t>{5})) ==
      "3: a.h5: /labels: label 5: expected at least 8 voxels with a whole patch around them in "
      "the region, found 0");
  CHECK(error_of_cutting(dir, with(options, &PatchOptions::labels, std::string("other"))) ==
        "3: a.h5: /other: expected a label a voxel of a.h5: /raw (4x5x6), found shape 4x5x7");
  CHECK(error_of_cutting(dir, with(options, &PatchOptions::raw, std::string("set"))) ==
        "3: a.h5: /set: expected one volume (D, H, W), found shape 2x4x5x6");
  CHECK(error_of_cutting(dir, options_with(8, "d=0:1")) ==
        "3: a.h5: /labels: expected 1 to 256 labels in the region, found 0");
  CHECK(error_of_cutting(dir, options_with(8, "w=:9")) ==
        "2: --region d=0:4,h=0:5,w=0:9: expected a part of d=0:4,h=0:5,w=0:6");
  CHECK(error_of_cutting(dir, options_with(8, "w=5:")) ==
        "2: --region d=0:4,h=0:5,w=5:6: expected room for patches of 1x2x2");
}

TEST_CASE("ranges and sizes are read, or refused as typed") {
  const Ranges ranges = parse_ranges("x=:43,d=10:50");
  CHECK(ranges.begin == Triple{10, 0, 0});
  CHECK(ranges.end == Triple{50, -1, 43});
  CHECK(parse_size("--size", "24") == Triple{24, 24, 24});
  CHECK(parse_size("--size", "1,2,3") == Triple{1, 2, 3});
  for (const std::string text : {"", "w", "w=3", "n=1:2", "w=-1:2", "w=1:2:3", "w=a:", "w=1:2,"})
    CHECK(error_of([&] { parse_ranges(text); }) ==
          "2: --region: expected AXIS=BEGIN:END with an axis of d h w (z y x) and voxel numbers, "
          "as w=:43,d=10:50, found '" +
              text + "'");
  for (const std::string text : {"", "0", "1,2", "1,2,x", "1e3", "99999999999999999999"})
    CHECK(error_of([&] { parse_size("--size", text); }) ==
          "2: --size: expected S or D,H,W, each at least 1, found '" + text + "'");
}

TEST_CASE("labels that int32 cannot hold are refused by their value") {
  const TempDir dir;
  make_volume(dir);
  Stored large{{4, 5, 6}, std::vector<double>(120, 3.0), H5T_STD_I64LE};
  large.values[60] = 4294967297.0;
  store(dir / "a.h5", "large", large);
  PatchOptions options = options_with(8);
  options.labels = "large";
  options.classes = {3};
  options.voxel_labels = true;
  CHECK(error_of_cutting(dir, options) ==
        "3: a.h5: /large: expected labels that int32 can hold, found 4294967297");
  options.voxel_labels = false;
  CHECK(error_of_cutting(dir, options) == "");
}
