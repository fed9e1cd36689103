#include <doctest/doctest.h>

#include <cmath>

#include "base/machine/resident.h"
#include "data/hdf5/h5_files.h"
#include "infer/tiled/segmenter.h"
#include "infer/tiled/tiled.h"
#include "support/approx.h"

namespace lucid {
namespace {

using test::approx;
using test::Segmenter;

// Provides two samples of 16^3 with labels 0 .. 2, cut into windows of 14 planes.
struct TargetFixture : Segmenter {
  explicit TargetFixture(const std::string& loss = R"({"type": "CrossEntropyLoss"})") {
    experiment.json["loss"] = parse_json(loss, "loss");
    experiment.json["metrics"] = {"accuracy", "dice", "auc"};
    train("losses");
    test::write_set(experiment / "b.h5", {.volume = {1, 16, 16, 16}, .count = 2});
    options.inputs = {(experiment / "b.h5").string()};
    options.target = "voxels";
    options.batch_size = 1;
  }

  Measurements of_whole() {
    options.tiles.reset();
    const Measurements measured = run().measured;
    REQUIRE(measured.values.front().first == "loss");
    return measured;
  }
  Measurements of_windows() {
    options.tiles = TileOptions{};
    options.tiles->patch = {14, 16, 16};
    options.tiles->overlap = 0.9;
    return run().measured;
  }
  // Writes the labels of b.h5 with the first half of the planes in no class, and a mask that marks
  // the same half.
  void add_mask() {
    const std::vector<hsize_t> extents{2, 16, 16, 16};
    test::Stored labels{extents, hdf5::File(experiment / "b.h5").open("voxels").read<double>(),
                        H5T_STD_I16LE};
    test::Stored mask{extents, std::vector<double>(labels.values.size(), 2.0)};
    for (std::size_t i = 0; i < mask.values.size(); ++i)
      if (i / 256 % 16 < 8) {
        mask.values[i] = 0;
        labels.values[i] = -100;
      }
    test::store(experiment / "b.h5", "valid", mask);
    test::store(experiment / "b.h5", "masked", labels);
  }
};

std::vector<double> numbers_of(const Measurements& measured) {
  std::vector<double> numbers;
  for (const NamedValues* list : {&measured.values, &measured.details})
    for (const auto& [name, value] : *list) numbers.push_back(value);
  return numbers;
}

}  // namespace

TEST_CASE("loss and metrics of windows are those of whole volumes") {
  for (const char* loss :
       {R"({"type": "CrossEntropyLoss", "weight": [1, 3, 0.5], "ignore_index": 1})",
        R"({"type": "CrossEntropyLoss", "reduction": "sum", "label_smoothing": 0.1})",
        R"({"type": "DiceCELoss", "squared_pred": true})",
        R"([{"type": "DiceLoss", "batch": true, "factor": 0.5}, {"type": "FocalLoss"}])"}) {
    CAPTURE(loss);
    TargetFixture f(loss);
    const Measurements expected = f.of_whole(), found = f.of_windows();
    CHECK(found.names() == expected.names());
    CHECK(numbers_of(found) == approx(numbers_of(expected)).within(1e-6));
  }
}

TEST_CASE("losses of further outputs see these outputs' windows put together") {
  TargetFixture f;
  Json& model = f.experiment.json["model"];
  model["layers"].back()["name"] = "main";
  model["layers"].push_back(parse_json(
      R"({"type": "Conv3D", "name": "aux", "inputs": ["up"], "out_channels": 3, "kernel_size": 1})",
      "layer"));
  model["outputs"] = {"main", "aux"};
  f.experiment.json["loss"] = parse_json(
      R"([{"type": "CrossEntropyLoss"}, {"type": "DiceLoss", "output": "aux", "factor": 0.5}])",
      "loss");
  f.train("deep");
  const Measurements expected = f.of_whole();
  CHECK(numbers_of(f.of_windows()) == approx(numbers_of(expected)).within(1e-6));
}

TEST_CASE("outputs with fewer voxels are put together and compared as for whole volumes") {
  TargetFixture f;
  Json& model = f.experiment.json["model"];
  model["layers"].back()["name"] = "main";
  model["layers"][3]["name"] = "low";
  model["layers"].push_back(parse_json(
      R"({"type": "Conv3D", "name": "half", "inputs": ["low"], "out_channels": 3, "kernel_size": 1})",
      "layer"));
  model["outputs"] = {"main", "half"};
  f.experiment.json["loss"] = parse_json(R"([{"type": "CrossEntropyLoss", "ignore_index": 1},
                     {"type": "DiceCELoss", "output": "half", "factor": 0.5, "ignore_index": 1}])",
                                         "loss");
  f.train("deep");
  const Measurements expected = f.of_whole();
  CHECK(numbers_of(f.of_windows()) == approx(numbers_of(expected)).within(1e-6));
  f.options.tiles->overlap = 0.5;
  f.options.tiles->patch = {16, 8, 10};
  f.options.tiles->flips = {true, true, true};
  const Measurements flipped = f.run().measured;
  CHECK(std::isfinite(flipped.values.front().second));
  CHECK(flipped.values.front().second != expected.values.front().second);
}

TEST_CASE("targets of values are compared, too") {
  TargetFixture f;
  f.experiment.json["model"]["layers"].back()["out_channels"] = 2;
  f.experiment.json["loss"] = {{"type", "MSELoss"}};
  f.experiment.json["metrics"] = {"mae", "psnr", "r2"};
  f.experiment.json["data"]["train"]["target"] = "fields";
  const auto add_fields = [&](const std::string& file, std::int64_t count) {
    test::store(f.experiment / file, "fields", {{static_cast<hsize_t>(count), 2, 16, 16, 16}, {}});
  };
  test::write_set(f.experiment / "train.h5", {.volume = {1, 16, 16, 16}, .count = 1});
  add_fields("train.h5", 1);
  add_fields("b.h5", 2);
  f.experiment.train("values");
  f.options.checkpoints = {f.experiment.last("values")};
  f.options.target = "fields";
  const Measurements expected = f.of_whole();
  CHECK(numbers_of(f.of_windows()) == approx(numbers_of(expected)).within(1e-6));
}

TEST_CASE("targets that do not fit are refused") {
  TargetFixture f;
  f.options.tiles = TileOptions{};
  f.options.target = "values";
  CHECK(f.error().starts_with("3: b.h5: /values: CrossEntropyLoss: predictions"));
}

TEST_CASE("where the mask is 0 no target counts") {
  TargetFixture f;
  f.add_mask();
  f.options.target = "masked";
  const Measurements expected = f.of_windows();
  f.options.target = "voxels";
  CHECK(numbers_of(f.of_windows()) != numbers_of(expected));
  f.options.mask = "valid";
  CHECK(numbers_of(f.of_windows()) == numbers_of(expected));
}

TEST_CASE("the mask is by default the training set's") {
  TargetFixture f;
  f.add_mask();
  f.options.target = "masked";
  const Measurements expected = f.of_windows();
  Json& data = f.experiment.json["data"];
  data["train"]["files"] = "b.h5";
  data["train"]["mask"] = "valid";
  data["patch"] = Json::object();
  f.experiment.train("masked");
  f.options.checkpoints = {f.experiment.last("masked")};
  f.options.target = "voxels";
  CHECK(numbers_of(f.of_windows()) == numbers_of(expected));
  f.options.target.reset();
  CHECK(f.of_windows().values.empty());
}

TEST_CASE("a mask is for targets of windows") {
  TargetFixture f;
  f.add_mask();
  f.options.mask = "valid";
  CHECK(f.error() == "2: --mask requires volumes that are cut into windows; give --patch");
  f.options.target.reset();
  CHECK(f.error() == "2: --mask requires --target");
}

#ifndef LUCID_SANITIZE  // sanitizers delay the release of memory
TEST_CASE("memory does not depend on the depth with a target") {
  TargetFixture f;
  const auto peak_of = [&](std::int64_t depth) {
    const Shape shape{depth, 64, 64};
    const hdf5::Storage storage{.chunk = {8, 64, 64}, .deflate = 1};
    const std::vector<std::uint8_t> voxels(shape.count(), 1);
    hdf5::Writer writer(f.experiment / "in.h5");
    writer.write<std::uint8_t>("volumes", shape, voxels, storage);
    writer.write<std::uint8_t>("voxels", shape, voxels, storage);
    writer.close();
    f.options.inputs = {(f.experiment / "in.h5").string()};
    f.options.output = f.experiment / (std::to_string(depth) + ".h5");
    f.options.tiles = TileOptions{};
    f.options.tiles->patch = {16, 32, 32};
    f.options.tiles->overlap = 0.25;
    const bool is_known = restart_peak_resident();
    CHECK(f.run().measured.values.size() == 4);
    return is_known ? peak_resident_bytes() : 0;
  };
  peak_of(640);  // warm-up: allocates what is kept
  const std::size_t shallow = peak_of(640), deep = peak_of(1280);  // scores would be 20 MiB more
  CHECK(deep < shallow + (std::size_t{12} << 20));
}
#endif

TEST_CASE("a label that is no class is named, of windows and of whole volumes") {
  TargetFixture f;
  test::Stored labels{{2, 16, 16, 16}, std::vector<double>(8192, 1.0), H5T_STD_I64LE};
  labels.values[4096 + 256 * 9 + 16 * 3 + 2] = 4294967297.0;
  test::store(f.experiment / "b.h5", "wrong", labels);
  f.options.target = "wrong";
  const auto text = [&](const auto& run) {
    return test::from_inside(f.experiment.folder.path(), test::error_of(run));
  };
  const std::string expected =
      "3: b.h5: /wrong, sample 1, voxel (9, 3, 2): expected a class from 0 to 2 or -100 "
      "(ignore_index), found 4294967297";
  CHECK(text([&] { f.of_windows(); }) == expected);
  CHECK(text([&] { f.of_whole(); }) == expected);
}

}  // namespace lucid
