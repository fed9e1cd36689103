#include <doctest/doctest.h>

#include <algorithm>

#include "data/resample/interpolate.h"
#include "data/resample/volume_resampling.h"
#include "formats/readers/geometry.h"
#include "infer/predict/activation.h"
#include "infer/tiled/segmenter.h"
#include "support/approx.h"

namespace lucid::test {
namespace {

constexpr VoxelSize kStored{1, 1, 1};
const Triple kExtents{40, 36, 44};

// A network that was trained on volumes of a spacing.
struct SpacedSegmenter : Segmenter {
  explicit SpacedSegmenter(const std::string& of) {
    grid = parse_json(of, "a.json");
    grid["patch"] = Json::object();
    grid["voxel_size"] = kStored;
    train("spaced");
    options.tiles = TileOptions{};
    options.tiles->overlap.reset();
    options.tiles->patch = {16, 18, 20};
  }
};

Box whole(const Triple& extents) { return {{0, 0, 0}, extents}; }

// Interpolates every channel of (C, D, H, W).
std::vector<float> interpolated(const std::array<VoxelTaps, 3>& taps, const Triple& from,
                                const Triple& to, std::span<const float> values) {
  std::vector<float> all;
  const auto voxels = static_cast<std::size_t>(from[0] * from[1] * from[2]);
  std::vector<float> out(static_cast<std::size_t>(to[0] * to[1] * to[2]));
  for (; !values.empty(); values = values.subspan(voxels)) {
    interpolate_values(taps, whole(from), values.first(voxels), whole(to), out);
    all.insert(all.end(), out.begin(), out.end());
  }
  return all;
}

// What the network gives for the resampled volume as a whole.
std::vector<float> seen_as_whole(const Segmenter& f, const std::vector<std::uint8_t>& voxels,
                                 const VolumeResampling& resampling) {
  const Triple from = resampling.region().size, to = resampling.extents();
  Predictor predictor(f.options.checkpoints, read_trained_config(f.options.checkpoints.front(), to),
                      {.threads = 1});
  std::vector<float> sample(voxels.begin(), voxels.end());
  predictor.config().normalize.given.apply(sample, 1);
  const auto result = predictor.predict(interpolated(resampling.values(), from, to, sample), 1);
  return {result.begin(), result.end()};
}

}  // namespace

TEST_CASE("tiles of a resampled volume give what the whole gives, on the voxels of the file") {
  for (const VoxelSize& spacing : {VoxelSize{1.25, 0.75, 1.1}, VoxelSize{0.5, 0.45, 1.8}}) {
    CAPTURE(spacing[0]);
    SpacedSegmenter f("{\"spacing\": " + Json(spacing).dump() + "}");
    const auto voxels = f.add_volume("a.h5", {40, 36, 44});
    const VolumeResampling resampling(whole(kExtents), kStored, spacing);
    std::vector<float> seen = seen_as_whole(f, voxels, resampling);
    const Triple extents = resampling.extents();
    CHECK(f.predictions() ==
          approx(interpolated(resampling.back(), extents, kExtents, seen)).within(0, 1e-5));
    f.options.keeps_spacing = true;
    CHECK(f.predictions() == approx(seen).within(0, 1e-5));
    CHECK(hdf5::File(f.options.output).open("predictions").shape() ==
          Shape{1, 3, extents[0], extents[1], extents[2]});
    f.options.keeps_spacing = false;

    apply_activation(Activation::kSoftmax, {1, 3, extents[0], extents[1], extents[2]}, seen);
    std::vector<float> shares = interpolated(resampling.back(), extents, kExtents, seen);
    f.options.activation = Activation::kSoftmax;
    CHECK(f.predictions() == approx(shares).within(0, 1e-5));
    f.options.activation = Activation::kArgmax;
    const std::vector<float> classes = f.predictions();
    apply_activation(Activation::kArgmax, {1, 3, 40, 36, 44}, shares);
    std::size_t equal = 0;  // but for voxels between two classes
    for (std::size_t i = 0; i < classes.size(); ++i) equal += classes[i] == shares[i];
    CHECK(equal + 5 >= classes.size());
  }
}

TEST_CASE("a prediction of resampled volumes goes on wherever it was stopped") {
  SpacedSegmenter f(R"({"spacing": [0.7, 1.3, 0.9], "crop": "nonzero"})");
  f.add_volume("a.h5", {40, 16, 24});
  f.add_volume("b.h5", {9, 16, 16});
  f.options.activation = Activation::kArgmax;
  f.run();
  const std::string expected = read_text(f.options.output);
  for (const std::int64_t step : {1, 5, 13}) {
    std::filesystem::remove(f.options.output);
    bool was_stopped = true;
    while (was_stopped) {
      std::int64_t earlier = -1;
      was_stopped = infer(f.options, [&](std::int64_t done, std::int64_t) {
                      if (earlier < 0) earlier = done;
                      return done - earlier < step + 20;
                    }).was_stopped;
    }
    CHECK(read_text(f.options.output) == expected);
  }
}

TEST_CASE("what is cropped away is background, whatever the network would say there") {
  SpacedSegmenter f(R"({"crop": "nonzero"})");
  f.options.activation = Activation::kSoftmax;
  const auto inner = f.add_volume("inner.h5", {20, 18, 22});
  const auto of_inner = f.predictions();
  f.options.inputs.clear();
  std::vector<std::uint8_t> voxels(static_cast<std::size_t>(30 * 25 * 26));
  std::vector<float> expected(3 * voxels.size());
  std::fill_n(expected.begin(), voxels.size(), 1.0F);
  for (std::size_t c = 0, i = 0; c < 3; ++c)
    for (std::size_t d = 4; d < 24; ++d)
      for (std::size_t h = 7; h < 25; ++h)
        for (std::size_t w = 1; w < 23; ++w, ++i) {
          const std::size_t at = (d * 25 + h) * 26 + w;
          if (c == 0) voxels[at] = inner[i];
          expected[c * voxels.size() + at] = of_inner[i];
        }
  hdf5::Writer writer(f.experiment / "outer.h5");
  writer.write<std::uint8_t>("volumes", {30, 25, 26}, voxels);
  writer.close();
  f.options.inputs = {(f.experiment / "outer.h5").string()};
  CHECK(f.predictions() == expected);
}

TEST_CASE("kept voxels have a geometry of their own") {
  SpacedSegmenter f(R"({"spacing": [2, 0.5, 1]})");
  const auto voxels = f.add_volume("a.h5", {40, 36, 44});
  Geometry geometry = plain_geometry({1, 1, 1});
  geometry.affine[3] = 10;
  geometry.sform_code = 1;
  {
    hdf5::Writer writer(f.experiment / "b.h5");
    writer.write<std::uint8_t>("volumes", {40, 36, 44}, voxels);
    write_geometry(writer, "volumes", geometry);
    writer.close();
  }
  f.options.inputs = {(f.experiment / "b.h5").string()};
  f.run();
  CHECK(read_geometry(hdf5::File(f.options.output), "predictions")->affine == geometry.affine);
  f.options.keeps_spacing = true;
  f.run();
  const Geometry kept = *read_geometry(hdf5::File(f.options.output), "predictions");
  CHECK(kept.voxel_size == VoxelSize{2, 0.5, 1});
  CHECK(kept.affine == Affine{1, 0, 0, 10, 0, 0.5, 0, -0.25, 0, 0, 2, 0.5, 0, 0, 0, 1});
}

TEST_CASE("a prediction is compared with targets on the voxels of the file") {
  SpacedSegmenter f(R"({"spacing": [1.25, 0.75, 1.1]})");
  const auto voxels = f.add_volume("a.h5", {40, 36, 44});
  const VolumeResampling resampling(whole(kExtents), kStored, {1.25, 0.75, 1.1});
  const Triple extents = resampling.extents();
  std::vector<float> scores =
      interpolated(resampling.back(), extents, kExtents, seen_as_whole(f, voxels, resampling));
  apply_activation(Activation::kArgmax, {1, 3, 40, 36, 44}, scores);
  const std::vector<std::uint8_t> classes(scores.begin(), scores.begin() + 40 * 36 * 44);
  hdf5::Writer writer(f.experiment / "b.h5");
  writer.write<std::uint8_t>("volumes", {40, 36, 44}, voxels);
  writer.write<std::uint8_t>("voxels", {40, 36, 44}, classes);
  writer.close();
  f.options.inputs = {(f.experiment / "b.h5").string()};
  f.options.target = "voxels";
  const InferResult result = f.run();
  const auto accuracy = std::ranges::find_if(
      result.measured.values, [](const auto& named) { return named.first == "accuracy"; });
  REQUIRE(accuracy != result.measured.values.end());
  CHECK(accuracy->second > 0.9999);
}

TEST_CASE("the voxel size of a file that does not say it can be given") {
  SpacedSegmenter f(R"({"spacing": [2, 0.5, 1]})");
  f.add_volume("a.h5", {16, 16, 16});
  f.options.voxel_size = VoxelSize{2, 1, 1};
  f.options.keeps_spacing = true;
  f.run();
  CHECK(hdf5::File(f.options.output).open("predictions").shape() == Shape{1, 3, 16, 32, 16});
}

}  // namespace lucid::test
