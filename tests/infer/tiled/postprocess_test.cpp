#include <doctest/doctest.h>

#include "infer/tiled/resume_fixture.h"
#include "support/approx.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;
using test::read_text;

PostprocessRules rules_of(const std::string& text) {
  const Json json = parse_json(text, "rules");
  ConfigErrors errors("rules");
  return read_postprocess_json(JsonObject(json, "", errors));
}

// Two samples of 16^3 with labels 0 .. 2.
struct Targets : test::Segmenter {
  Targets() {
    experiment.json["loss"] = parse_json(R"({"type": "CrossEntropyLoss"})", "loss");
    experiment.json["metrics"] = {"accuracy", "dice", "confusion", "auc", "top_k"};
    experiment.json["metrics"][4] = {{"type", "top_k"}, {"k", 2}};
    train("losses");
    test::write_set(experiment / "b.h5", {.volume = {1, 16, 16, 16}, .count = 2});
    options.inputs = {(experiment / "b.h5").string()};
    options.target = "voxels";
    options.activation = Activation::kArgmax;
  }
};

}  // namespace

TEST_CASE("a postprocessed run that stops anywhere goes on to the same bytes") {
  test::ResumeFixture f;
  f.options.activation = Activation::kArgmax;
  f.options.postprocess =
      rules_of(R"({"merge": {"2": 1}, "min_size": {"voxels": 9}, "fill_holes": true})");
  const std::int64_t all = f.run().windows;
  const std::string expected = read_text(f.options.output);
  for (std::int64_t stop = 3; stop < all; stop += 4) {
    CAPTURE(stop);
    fs::remove(f.options.output);
    REQUIRE(f.stop_after(stop));
    CHECK(f.run().windows_computed < all);
    CHECK(read_text(f.options.output) == expected);
    CHECK_FALSE(fs::exists(f.partial()));
  }
  REQUIRE(f.stop_after(7));
  f.options.postprocess->steps.fill_holes = false;
  CHECK(f.run().windows_computed == all);
  CHECK(f.notes.find("of other inputs or options; it is computed anew") != std::string::npos);
}

TEST_CASE("metrics over classes are those of postprocessed labels, those of scores are not") {
  Targets f;
  const Measurements before = f.run().measured;
  f.options.postprocess =
      rules_of(R"({"merge": {"2": 1}, "min_size": {"voxels": 9}, "fill_holes": true})");
  const InferResult whole = f.run();
  const auto labels = hdf5::File(f.options.output).open("predictions").read<float>();
  const auto truth = hdf5::File(f.experiment / "b.h5").open("voxels").read<float>();
  double right = 0, both = 0, either = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    right += labels[i] == truth[i] ? 1 : 0;
    both += labels[i] == 1 && truth[i] == 1 ? 2 : 0;
    either += (labels[i] == 1 ? 1 : 0) + (truth[i] == 1 ? 1 : 0);
  }
  CHECK(*whole.measured.at("accuracy") == right / static_cast<double>(labels.size()));
  CHECK(*whole.measured.at("accuracy") != *before.at("accuracy"));
  CHECK(*whole.measured.at("dice_1") == both / either);
  CHECK(*whole.measured.at("dice_2") == 0);
  for (const char* scores : {"loss", "auc", "top_2"})
    CHECK(*whole.measured.at(scores) == *before.at(scores));
  CHECK(whole.postprocessed->components > 0);

  f.options.tiles.emplace().patch = {16, 16, 16};
  const InferResult windows = f.run();
  CHECK(hdf5::File(f.options.output).open("predictions").read<float>() == labels);
  CHECK(windows.postprocessed->components == whole.postprocessed->components);
  CHECK(windows.measured.values.size() == whole.measured.values.size());
  for (const auto& named : whole.measured.values) {
    CAPTURE(named.first);
    CHECK(*windows.measured.at(named.first) == doctest::Approx(named.second).epsilon(1e-6));
  }
  CHECK(windows.measured.tables == whole.measured.tables);
}

TEST_CASE("a size in mm3 goes by the voxels that are written") {
  test::Segmenter f;
  f.add_volume("a.h5", {20, 16, 16});
  f.options.activation = Activation::kArgmax;
  f.options.postprocess = rules_of(R"({"min_size": {"mm3": 40}})");
  CHECK(f.error() == "2: a.h5: /volumes: says nothing of its voxels; give min-size in voxels");
  CHECK_FALSE(fs::exists(f.options.output));
  f.options.activation = Activation::kSoftmax;
  CHECK(f.error() ==
        "2: --postprocess requires --activation argmax, as its rules are about classes");
}

TEST_CASE("voxels without a class keep it through postprocessing") {
  test::Segmenter f;
  f.add_volume("a.h5", {16, 16, 16});
  std::vector<float> voxels(16 * 16 * 16, 100.F);
  voxels[1000] = std::numeric_limits<float>::quiet_NaN();
  hdf5::Writer file(f.experiment / "nan.h5");
  file.write<float>("volumes", {16, 16, 16}, voxels);
  file.close();
  f.options.inputs = {(f.experiment / "nan.h5").string()};
  f.options.activation = Activation::kArgmax;
  const std::vector<float> plain = f.predictions();
  REQUIRE(std::ranges::count(plain, -1.F) > 0);
  f.options.postprocess = rules_of(R"({"fill_holes": true})");
  for (const bool are_windows : {false, true}) {
    if (are_windows) f.options.tiles.emplace();
    const std::vector<float> found = f.predictions();
    CHECK(std::ranges::count(found, -1.F) == std::ranges::count(plain, -1.F));
  }
}

}  // namespace lucid
