#include "infer/tiled/tiled.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "base/machine/resident.h"
#include "data/hdf5/h5_files.h"
#include "infer/tiled/segmenter.h"
#include "support/approx.h"

namespace lucid {
namespace {

using test::approx;
using test::Segmenter;

TileOptions tiles(const Triple& patch, std::optional<double> overlap) {
  TileOptions tiles;
  tiles.patch = patch;
  tiles.overlap = overlap;
  return tiles;
}

}  // namespace

TEST_CASE("windows that share the receptive field make up what the whole volume gives") {
  Segmenter f;
  const auto voxels = f.add_volume("a.h5", {40, 36, 44});
  const auto expected = f.of_whole(voxels, {40, 36, 44});
  for (const Blend blend : {Blend::kGaussian, Blend::kConstant})
    for (const auto& overlap : {std::optional(0.63), std::optional<double>(), std::optional(0.8)})
      for (const std::int64_t batch : {1, 3}) {
        CAPTURE(blend);
        CAPTURE(overlap.value_or(-1));
        CAPTURE(batch);
        f.options.tiles = tiles({16, 18, 20}, overlap);
        f.options.tiles->blend = blend;
        f.options.batch_size = batch;
        f.notes.clear();
        CHECK(f.predictions() == approx(expected).within(0, 1e-5));
        CHECK(f.notes == "");
      }
}

TEST_CASE("windows that share less are told, with what would do, and differ at their borders") {
  Segmenter f;
  const auto voxels = f.add_volume("a.h5", {40, 16, 16});
  f.options.tiles = tiles({16, 16, 16}, 0.25);
  const auto found = f.predictions();
  CHECK(f.notes ==
        "warning: --overlap: the network's receptive field is 11 voxels along d, and windows of 16 "
        "share 4: seams may show; 0.63 would do\n");
  CHECK_FALSE(found == approx(f.of_whole(voxels, {40, 16, 16})).within(0, 1e-5));
  f.notes.clear();
  f.options.tiles = tiles({8, 16, 16}, 0.5);
  f.run();
  CHECK(f.notes ==
        "warning: --overlap: the network's receptive field is 11 voxels along d, and windows of 8 "
        "share 4: seams may show; a --patch of 20 or more would do\n");
}

TEST_CASE("a layer that sees its whole window is told") {
  Segmenter f;
  f.experiment.json["model"]["layers"].push_back({{"type", "InstanceNorm3D"}});
  f.train("norm");
  f.add_volume("a.h5", {24, 16, 16});
  f.options.tiles = tiles({16, 16, 16}, 0.5);
  f.run();
  CHECK(f.notes ==
        "warning: --overlap: layer 'instancenorm3d_1' (InstanceNorm3D) sees all of the window that "
        "it is given: predictions differ from those of the whole volume whatever the overlap\n");
}

TEST_CASE("a volume that windows do not fit goes on in the mirror") {
  Segmenter f;
  const auto voxels = f.add_volume("a.h5", {13, 16, 19});
  std::vector<std::uint8_t> extended;  // extended by 1 and 2, by none, by 0 and 1
  for (std::int64_t z = -1; z < 15; ++z)
    for (std::int64_t y = 0; y < 16; ++y)
      for (std::int64_t x = 0; x < 20; ++x) {
        const std::int64_t d = z < 0 ? -z : z > 12 ? 24 - z : z, w = x > 18 ? 36 - x : x;
        extended.push_back(voxels[static_cast<std::size_t>((d * 16 + y) * 19 + w)]);
      }
  const auto whole = f.of_whole(extended, {16, 16, 20});
  std::vector<float> expected;
  for (std::size_t c = 0; c < 3; ++c)
    for (std::size_t z = 0; z < 13; ++z)
      for (std::size_t y = 0; y < 16; ++y)
        for (std::size_t x = 0; x < 19; ++x)
          expected.push_back(whole[((c * 16 + z + 1) * 16 + y) * 20 + x]);
  f.options.tiles = tiles({16, 16, 16}, 0.8);
  CHECK(f.predictions() == approx(expected).within(0, 1e-5));
}

TEST_CASE("stitched flips are those of the whole volume") {
  Segmenter f;
  f.add_volume("a.h5", {16, 16, 32});
  f.options.tiles = tiles({16, 16, 32}, 0.0);
  f.options.tiles->flips = {true, true, true};
  const auto expected = f.predictions();
  f.options.tiles->patch = {16, 16, 18};
  f.options.tiles->overlap = 0.6;
  CHECK(f.predictions() == approx(expected).within(0, 1e-5));
}

TEST_CASE("a network for whole volumes keeps its size and says which layer does") {
  Segmenter f;
  f.add_volume("a.h5", {20, 16, 16});
  f.experiment.json["model"]["layers"].push_back({{"type", "Linear"}, {"out_features", 3}});
  f.experiment.json["model"]["input"]["size"] = 4;
  f.experiment.json["data"]["train"]["target"] = "labels";
  test::write_set(f.experiment / "train.h5", {.volume = {1, 4, 4, 4}, .count = 1});
  f.experiment.train("linear");
  f.options.checkpoints = {f.experiment.last("linear")};
  CHECK(f.error() ==
        "3: a.h5: /volumes: expected samples of 1x4x4x4 (C, D, H, W), as the network was trained "
        "on, found 1x20x16x16; layer 'linear_1' (Linear) keeps the network at that size");
  f.options.tiles = tiles({8, 8, 8}, 0.5);
  CHECK(f.error() ==
        "2: linear/checkpoints/last.h5: expected a network that predicts the voxels of its input, "
        "as windows need it, found predictions of 3 for an input of 1x4x4x4; layer 'linear_1' "
        "(Linear) keeps it at that size");
}

TEST_CASE("a size that the network does not accept is told with those that fit") {
  Segmenter f;
  f.add_volume("a.h5", {20, 16, 16});
  f.options.tiles = tiles({15, 16, 16}, 0.5);
  CHECK(
      f.error().starts_with("2: --patch: expected a size that the network accepts, found "
                            "15x16x16: run/checkpoints/last.h5: config: /model/layers/6: "));
  CHECK(f.error().ends_with("nearest sizes that fit: d 14 or 16"));
}

TEST_CASE("the largest patch that fits is chosen, and it fits") {
  Segmenter f;
  f.add_volume("a.h5", {50, 40, 31});
  f.options.tiles = TileOptions{};
  f.options.tiles->takes_largest = true;
  f.options.tiles->memory_mib = 1000;
  CHECK(f.run().window == Triple{50, 40, 32});
  f.options.tiles->memory_mib = 4;
  const Triple small = f.run().window;
  CHECK(small[0] < 50);
  CHECK(small[0] % 2 == 0);
  CHECK(f.run().window == small);
}

TEST_CASE("a volume is normalised by itself where the training's were") {
  Segmenter f;
  f.normalize = {{"type", "zscore"}, {"per", "volume"}};
  f.train("by_volume");
  const auto voxels = f.add_volume("a.h5", {20, 16, 16});
  double sum = 0, squares = 0;
  for (const std::uint8_t voxel : voxels) sum += voxel;
  const double mean = sum / static_cast<double>(voxels.size());
  for (const std::uint8_t voxel : voxels) squares += (voxel - mean) * (voxel - mean);
  const double deviation = std::sqrt(squares / static_cast<double>(voxels.size()));
  Predictor predictor(f.options.checkpoints,
                      read_trained_config(f.options.checkpoints.front(), {20, 16, 16}),
                      {.threads = 1});
  std::vector<float> sample;
  for (const std::uint8_t voxel : voxels)
    sample.push_back(static_cast<float>((voxel - mean) / deviation));
  const auto whole = predictor.predict(sample, 1);
  const std::vector<float> expected(whole.begin(), whole.end());
  f.options.tiles = tiles({16, 16, 16}, 0.7);
  CHECK(f.predictions() == approx(expected).within(0, 1e-5));
}

#ifndef LUCID_SANITIZE  // sanitizers delay the release of memory
TEST_CASE("memory does not depend on the depth") {
  Segmenter f;
  const auto peak_of = [&](std::int64_t depth) {
    f.options.inputs.clear();
    f.options.output = f.experiment / (std::to_string(depth) + ".h5");
    f.add_volume("in.h5", {depth, 64, 64}, {.chunk = {8, 64, 64}, .deflate = 1});
    f.options.tiles = tiles({16, 32, 32}, 0.25);
    const bool is_known = restart_peak_resident();
    f.run();
    return is_known ? peak_resident_bytes() : 0;
  };
  peak_of(64);                                                    // warm-up: allocates what is kept
  const std::size_t shallow = peak_of(64), deep = peak_of(1024);  // sums would be 48 MiB more
  CHECK(deep < shallow + (std::size_t{6} << 20));
}
#endif

TEST_CASE("a NaN is named with its volume and passed on to the windows that hold it alone") {
  for (const char* normalize : {"null", R"({"type": "zscore", "per": "volume"})"}) {
    CAPTURE(std::string(normalize));
    Segmenter f;
    f.normalize = parse_json(normalize, "test");
    f.train("run");
    f.add_volume("a.h5", {20, 18, 17});
    std::vector<float> values(20 * 18 * 17, 0.5F);
    values[0] = 1;
    values[(3 * 18 + 4) * 17 + 5] = std::nanf("");
    hdf5::Writer writer(f.experiment / "b.h5");
    writer.write<float>("volumes", {20, 18, 17}, values);
    writer.close();
    f.options.inputs.push_back((f.experiment / "b.h5").string());
    f.options.activation = Activation::kArgmax;
    f.options.tiles = TileOptions{};
    CHECK(f.run().non_finite ==
          (f.experiment / "b.h5").string() +
              ": /volumes, voxel (3, 4, 5): found nan; NaN and infinite values were passed through "
              "to the predictions");
    const hdf5::File file(f.options.output);
    const auto of_a = file.open("predictions/a").read<float>(),
               of_b = file.open("predictions/b").read<float>();
    CHECK(std::ranges::count(of_a, -1.F) == 0);
    CHECK(std::ranges::count(of_b, -1.F) > 0);
    CHECK(of_b.back() >= 0);
  }
}

}  // namespace lucid
