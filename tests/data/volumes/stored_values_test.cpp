#include <doctest/doctest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "data/hdf5/write.h"
#include "data/patch/patch_files.h"
#include "data/volumes/volumes.h"

// Tests that values are named as they are stored, by their place in the volume.
namespace lucid::test {
namespace {

constexpr double kStoredNan = std::numeric_limits<double>::quiet_NaN();
const ValueRule kStoredClasses{ValueRule::Kind::kClass, 3, -100};

std::string text(const std::filesystem::path& folder, const std::optional<StoredValue>& found) {
  return found ? from_inside(folder, found->place + " = " + found->value) : "";
}

// Stores 0 but for one element.
Stored spoilt(std::vector<hsize_t> extents, std::size_t at, double value, hid_t type) {
  hsize_t count = 1;
  for (const hsize_t extent : extents) count *= extent;
  Stored what{std::move(extents), std::vector<double>(count, 0.0), type};
  what.values[at] = value;
  return what;
}

void store_large(const std::filesystem::path& file, const std::string& dataset,
                 std::uint64_t value) {
  hdf5::Writer writer(file);
  writer.create(dataset, ElementType::kUint64, {2, 2, 2, 2});
  std::vector<std::uint64_t> values(16, 1);
  values[13] = value;
  writer.write_stored(dataset, {{0, 0, 0, 0}, {2, 2, 2, 2}}, std::as_bytes(std::span(values)));
  writer.write<float>("x", {2, 1, 2, 2, 2}, std::vector<float>(16));
  writer.close();
}

std::unique_ptr<Volumes> opened(const TempDir& dir, const VolumesConfig& config) {
  return open_volumes(config, expand_files(config.files, dir.path()), 0);
}

}  // namespace

TEST_CASE("a value of the input is named by sample, channel and voxel, whatever the axes") {
  const TempDir dir;
  store(dir / "a.h5", "x", spoilt({2, 3, 4, 5, 2}, 2 * 3 * 4 * 5 - 1 + 120, 1e300, H5T_IEEE_F64LE));
  store(dir / "a.h5", "plain", spoilt({3, 4, 5}, 27, kStoredNan, H5T_IEEE_F32LE));
  const auto last = opened(dir, {{"a.h5"}, "x", "", "ndhwc"});
  CHECK(last->find_refused(SamplePart::kInputs, 0, 0, {}) == std::nullopt);
  CHECK(text(dir.path(), last->find_refused(SamplePart::kInputs, {})) ==
        "a.h5: /x, sample 1, channel 1, voxel (2, 3, 4) = 1e+300, which float32 cannot hold");
  const auto plain = opened(dir, {{"a.h5"}, "plain", "", "wdh"});
  CHECK(text(dir.path(), plain->find_refused(SamplePart::kInputs, {})) ==
        "a.h5: /plain, voxel (1, 2, 1) = nan");
}

TEST_CASE("labels are named exactly") {
  const TempDir dir;
  const std::uint64_t values[] = {4294967297, std::numeric_limits<std::uint64_t>::max() - 99,
                                  std::uint64_t{1} << 63, 16777217};
  for (const std::uint64_t value : values) {
    store_large(dir / "a.h5", "y", value);
    const auto set = opened(dir, {{"a.h5"}, "x", "y", ""});
    CHECK(text(dir.path(), set->find_refused(SamplePart::kTarget, kStoredClasses)) ==
          "a.h5: /y, sample 1, voxel (1, 0, 1) = " + std::to_string(value));
  }
}

TEST_CASE("labels of patches are searched where the mask is not 0") {
  PatchDir dir;
  store(dir / "a.h5", "x", {{5, 6, 40}, {}, H5T_STD_I16LE});
  store(dir / "a.h5", "y", spoilt({5, 6, 40}, 3 * 240 + 2 * 40 + 17, 16777217, H5T_STD_I32LE));
  Stored mask{{5, 6, 40}, std::vector<double>(1200, 1.0)};
  store(dir / "a.h5", "whole", mask);
  mask.values[3 * 240 + 2 * 40 + 17] = 0;
  store(dir / "a.h5", "mask", mask);
  for (const char* name : {"whole", "mask"}) {
    CAPTURE(name);
    VolumesConfig config{{"a.h5"}, "x", "y", ""};
    config.mask = name;
    const auto set = open_patches(dir, config, {.patch = patch_config(R"({"size": 4})")});
    const auto found = set->find_refused(SamplePart::kTarget, kStoredClasses);
    CHECK(text(dir.path(), found) ==
          (std::string_view(name) == "mask" ? "" : "a.h5: /y, voxel (3, 2, 17) = 16777217"));
  }
}

}  // namespace lucid::test
