#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "data/hdf5/write.h"
#include "data/patch/patch_files.h"
#include "data/resample/cut_box.h"
#include "data/resample/interpolate.h"
#include "support/approx.h"

namespace lucid::test {
namespace {

constexpr std::int64_t kDepth = 21, kHeight = 17, kWidth = 19;
const Triple kExtents{kDepth, kHeight, kWidth};
const Box kWhole{{0, 0, 0}, kExtents};

float value_at(std::int64_t d, std::int64_t h, std::int64_t w) {
  return static_cast<float>((d * 37 + h * 11 + w * w) % 50);
}
std::uint8_t label_at(std::int64_t d, std::int64_t h, std::int64_t w) {
  return static_cast<std::uint8_t>((d / 5 + h / 4 + w / 6) % 3);
}

template <class T, class Make>
std::vector<T> made(const Make& make) {
  std::vector<T> values;
  for (std::int64_t d = 0; d < kDepth; ++d)
    for (std::int64_t h = 0; h < kHeight; ++h)
      for (std::int64_t w = 0; w < kWidth; ++w) values.push_back(static_cast<T>(make(d, h, w)));
  return values;
}

// A file with raw and label; `attribute` tells the voxel size.
void store_spaced(const std::filesystem::path& file, const std::string& attribute,
                  const VoxelSize& size) {
  hdf5::Writer writer(file);
  const Shape shape{kDepth, kHeight, kWidth};
  writer.write<float>("raw", shape, made<float>(value_at));
  writer.write<std::uint8_t>("label", shape, made<std::uint8_t>(label_at));
  if (!attribute.empty()) writer.set_attribute("raw", attribute, Shape{3}, size);
  writer.close();
}

PatchVolumes opened(PatchDir& dir, const std::vector<std::string>& files, const GridConfig& grid,
                    const std::optional<Ranges>& roi = {}) {
  VolumesConfig volumes{files, "raw", "label", ""};
  volumes.roi = roi;
  return {volumes, expand_files(files, dir.path()), dir.cache, {.config = grid}};
}

GridConfig at_spacing(const VoxelSize& spacing) { return {.spacing = spacing}; }

}  // namespace

TEST_CASE("patches of resampled volumes have the bits of the whole, with its labels") {
  PatchDir dir;
  store_spaced(dir / "a.h5", "voxel_size_mm", {1.5, 0.8, 1});
  const VoxelSize spacing{1, 1, 0.7};
  const VolumeResampling resampling(kWhole, {1.5, 0.8, 1}, spacing);
  const Triple extents = resampling.extents();
  CHECK(extents == Triple{32, 14, 27});
  std::vector<float> normalized = made<float>(value_at);
  const Normalization normalization{{10}, {4}};
  normalization.apply(normalized, 1);
  std::vector<float> values(static_cast<std::size_t>(extents[0] * extents[1] * extents[2])),
      labels(values.size());
  interpolate_values(resampling.values(), kWhole, normalized, {{0, 0, 0}, extents}, values);
  interpolate_labels(resampling.labels(), kWhole, made<float>(label_at), {{0, 0, 0}, extents},
                     labels);
  for (const char* config :
       {R"({"size": [8, 7, 9], "sampling": "grid"})", R"({"size": [5, 14, 3], "per_volume": 20})",
        R"({"size": 6, "per_volume": 20, "foreground": 1})"}) {
    CAPTURE(config);
    PatchSet set(opened(dir, {"a.h5"}, at_spacing(spacing)),
                 {.sampling = {.patch = patch_config(config)}, .needs_labels = true});
    set.normalize(normalization);
    for (std::size_t i = 0; i < set.size(); ++i) {
      const Box window = set.sampler().patch(3, i).window;
      const ReadPatch patch = read_patch(set, 3, i);
      CHECK(patch.sample == cut(values, extents, window));
      CHECK(patch.target == cut(labels, extents, window));
      if (set.sampler().patch(3, i).window.size == Triple{6, 6, 6})
        CHECK(std::ranges::any_of(patch.target, [](float label) { return label > 0; }));
    }
    const LabelHistogram histogram = set.label_histogram().value();
    for (const std::int64_t label : {0, 1, 2})
      CHECK(histogram.at(label).voxels == std::ranges::count(labels, static_cast<float>(label)));
  }
}

TEST_CASE("targets that are no classes are interpolated linearly") {
  PatchDir dir;
  hdf5::Writer writer(dir / "a.h5");
  writer.write<float>("raw", {4, 4, 4}, std::vector<float>(64));
  std::vector<float> ramp;
  for (int i = 0; i < 64; ++i) ramp.push_back(static_cast<float>(i % 4));
  writer.write<float>("label", {4, 4, 4}, ramp);
  writer.close();
  GridConfig grid = at_spacing({1, 1, 0.5});
  grid.voxel_size = VoxelSize{1, 1, 1};
  const PatchSet set(opened(dir, {"a.h5"}, grid),
                     {.sampling = {.patch = patch_config(R"({"size": [1, 1, 8]})")}});
  CHECK(read_patch(set, 0, 0).target == approx({0, 0.25, 0.75, 1.25, 1.75, 2.25, 2.75, 3}));
}

TEST_CASE("the median spacing is that of the volumes, axis by axis") {
  PatchDir dir;
  store_spaced(dir / "a.h5", "voxel_size_mm", {1, 0.5, 3});
  store_spaced(dir / "b.h5", "element_size_um", {2000, 400, 1000});
  store_spaced(dir / "c.h5", "voxel_size_mm", {4, 0.6, 2});
  const PatchVolumes volumes =
      opened(dir, {"a.h5", "b.h5", "c.h5"}, GridConfig{.takes_median = true});
  CHECK(*volumes.grid().spacing == VoxelSize{2, 0.5, 2});
  CHECK(volumes.all()[1].region == Box{{0, 0, 0}, {21, 14, 10}});
  CHECK(median_voxel_size({{1, 2, 3}, {2, 2, 5}}) == VoxelSize{1.5, 2, 4});
}

TEST_CASE("a volume without a voxel size is told with what sets it") {
  PatchDir dir;
  store_spaced(dir / "a.h5", "", {});
  const auto error = [&](const GridConfig& grid) {
    return from_inside(dir.path(), error_of([&] { opened(dir, {"a.h5"}, grid); }));
  };
  CHECK(
      error(at_spacing({1, 1, 1})) ==
      "3: a.h5: /raw: expected a voxel size, as \"spacing\" in data resamples volumes, found none; "
      "set the attribute 'voxel_size_mm' to mm along d, h, w, or \"voxel_size\" in data");
  GridConfig grid = at_spacing({1e-6, 1e-6, 1e-6});
  grid.voxel_size = VoxelSize{1, 1, 1};
  CHECK(
      error(grid) ==
      "3: a.h5: /raw: expected at most 2^40 voxels at a spacing of 1e-06 x 1e-06 x 1e-06 mm, found "
      "16777216 x 16777216 x 16777216");
  store_spaced(dir / "a.h5", "element_size_um", {1, -1, 1});
  CHECK(error(grid) ==
        "3: a.h5: /raw: attribute 'element_size_um': expected 3 numbers above 0, found 1 x -1 x 1");
}

TEST_CASE("cropped volumes are cut where they are not 0") {
  PatchDir dir;
  std::vector<float> values(static_cast<std::size_t>(kWhole.voxels()));
  const auto at = [&](std::int64_t d, std::int64_t h, std::int64_t w) -> float& {
    return values[static_cast<std::size_t>((d * kHeight + h) * kWidth + w)];
  };
  at(3, 9, 4) = 1;
  at(12, 5, 7) = -2;
  at(7, 8, 15) = 3;
  hdf5::Writer writer(dir / "a.h5");
  const Shape shape{kDepth, kHeight, kWidth};
  writer.write<float>("raw", shape, values);
  writer.write<std::uint8_t>("label", shape, made<std::uint8_t>(label_at));
  writer.close();
  const GridConfig crop{.crops_to_nonzero = true};
  const PatchVolumes volumes = opened(dir, {"a.h5"}, crop);
  CHECK(volumes.all()[0].region == Box{{3, 5, 4}, {10, 5, 12}});
  const PatchVolumes part = opened(dir, {"a.h5"}, crop, Ranges{{0, 0, 0}, {8, -1, -1}});
  CHECK(part.all()[0].region == Box{{3, 5, 4}, {5, 5, 12}});
  CHECK(part.all()[0].whole == Box{{3, 5, 4}, {10, 5, 12}});
  CHECK(from_inside(dir.path(), error_of([&] {
                      opened(dir, {"a.h5"}, crop, Ranges{{14, 0, 0}, {-1, -1, -1}});
                    })) ==
        "3: a.h5: /raw: expected a roi that meets the voxels that are not 0, d=3:13,h=5:10,w=4:16, "
        "found d=14:21,h=0:17,w=0:19");
}

TEST_CASE("a file of measurements keeps where a volume is not 0") {
  PatchDir dir;
  store_spaced(dir / "a.h5", "voxel_size_mm", {1, 1, 1});
  MeasuredFile measured(dir / "measured");
  const VolumesConfig config{{"a.h5"}, "raw", "label", ""};
  const auto region = [&] {
    return PatchVolumes(config, expand_files(config.files, dir.path()), dir.cache,
                        {.config = {.crops_to_nonzero = true}, .measured = &measured})
        .all()[0]
        .region;
  };
  const Box first = region();
  CHECK(region() == first);
}

TEST_CASE("the foreground of patches is measured as that of the files") {
  PatchDir dir;
  store_spaced(dir / "a.h5", "voxel_size_mm", {1, 1, 1});
  const PatchSet set(opened(dir, {"a.h5"}, at_spacing({2, 2, 2})),
                     {.sampling = {.patch = patch_config(R"({"size": 4})")}});
  std::vector<float> expected;
  for (std::int64_t d = 0; d < kDepth; ++d)
    for (std::int64_t h = 0; h < kHeight; ++h)
      for (std::int64_t w = 0; w < kWidth; ++w)
        if (label_at(d, h, w) == 1) expected.push_back(value_at(d, h, w));
  const NormalizationRule rule{.type = NormalizationType::kCt, .low = 5, .high = 90};
  const Normalization found = measure_normalization(
      rule, 1, [&](const VoxelVisitor& visit) { set.walk_foreground(2, visit); });
  double sum = 0, squares = 0;
  for (const float value : expected) sum += value;
  const double mean = sum / static_cast<double>(expected.size());
  for (const float value : expected) squares += (value - mean) * (value - mean);
  std::ranges::sort(expected);
  CHECK(found.mean == approx({mean}).within(1e-6));
  CHECK(found.std ==
        approx({std::sqrt(squares / static_cast<double>(expected.size()))}).within(1e-6));
  CHECK(found.min[0] == expected[(expected.size() - 1) / 20]);
  CHECK(found.max[0] <= expected[(expected.size() - 1) * 9 / 10 + 1]);
}

}  // namespace lucid::test
