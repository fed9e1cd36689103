#include "train/cases/case_slices.h"

#include <doctest/doctest.h>

#include "data/patch/patch_files.h"
#include "support/experiment.h"
#include "train/cases/predicted_text.h"
#include "train/validation.h"

namespace lucid::test {
namespace {

// Volumes whose voxel (d, h, w) is 10000 d + 100 h + w, and a network that predicts class 1 above
// 50350: in the plane d = 5 from h = 4 on. Labels are in that plane alone.
struct Planes : Experiment {
  explicit Planes(int batch_size) {
    const auto label = [](auto d, auto h, auto w) { return d == 5 && h > 1 && w == 2 ? 1 : 0; };
    store_volume(folder / "a.h5", "one", {9, 12, 7}, label);
    store_volume(folder / "a.h5", "two", {9, 5, 20}, label);
    json["model"] = parse_json(R"({
      "input": {"channels": 1, "size": 6},
      "layers": [{"type": "Conv3D", "name": "conv", "out_channels": 2, "kernel_size": 1}]})",
                               "model");
    json["data"] = parse_json(R"({
      "train": {"files": "a.h5", "input": "*/raw", "target": "*/label"},
      "validation": {"files": "a.h5", "input": "*/raw", "target": "*/label"},
      "patch": {}})",
                              "data");
    json["data"]["batch_size"] = batch_size;
    json["metrics"] = Json::array();
  }
};

void set(Model& model, const std::string& name, const std::vector<float>& values) {
  model.parameters().at(name).value.assign(model.engine(), values);
  model.parameters().touch();
}

struct Drawing {
  explicit Drawing(const Experiment& experiment)
      : session(experiment.config(), 1), validation(session) {
    session.resolve_auto();
  }
  std::vector<PanelSheet> sheets(std::span<const std::size_t> cases) {
    validation.run(Experiment::never);
    return slices().sheets(cases);
  }
  CaseSlices slices() {
    const Dataset& samples = *session.validation_set();
    return {{validation.cases(), validation.places(), samples, *session.config().objective,
             session.model(), session.validation_batch_size(), alone()},
            SampleReader(samples, session.normalization(), LoaderOptions{})};
  }
  Session session;
  Validation validation;
};

constexpr std::size_t kBoth[] = {1, 0};

}  // namespace

TEST_CASE("a plane is put together from the patches that it passes, whatever the batches") {
  for (const int batch_size : {1, 3, 16}) {
    CAPTURE(batch_size);
    const Planes planes(batch_size);
    Drawing drawing(planes);
    set(drawing.session.model(), "conv/weight", {0, 1});
    set(drawing.session.model(), "conv/bias", {0, -50350});
    const auto sheets = drawing.sheets(kBoth);
    REQUIRE(sheets.size() == 2);
    const PanelSheet& one = sheets[1];
    REQUIRE(one.panels.size() == 3);
    CHECK(one.panels[0].caption == "image d=5");
    const Slice &image = one.panels[0].slice, &truth = one.panels[1].slice,
                &prediction = one.panels[2].slice;
    REQUIRE(image.values.size() == 12 * 7);
    CHECK(image.rows == 12);
    CHECK(truth.values == image.values);
    for (std::int64_t h = 0; h < 12; ++h)
      for (std::int64_t w = 0; w < 7; ++w) {
        const auto at = static_cast<std::size_t>(h * 7 + w);
        CHECK(image.values[at] == static_cast<float>(50000 + 100 * h + w));
        CHECK(truth.labels[at] == (h > 1 && w == 2 ? 1 : 0));
        CHECK(prediction.labels[at] == (h >= 4 ? 1 : 0));
      }
    CHECK(sheets[0].panels[0].slice.rows == 5);
    CHECK(sheets[0].panels[0].slice.values[20 + 3] == 50103);
  }
}

TEST_CASE("only patches of the plane are predicted, in whole batches") {
  const Planes planes(3);
  Drawing drawing(planes);
  drawing.validation.run(Experiment::never);
  const std::size_t first[] = {0}, second[] = {1};
  // Windows of 6 cover 9 x 12 x 7 by 2 x 2 x 2, 9 x 5 x 20 by 2 x 1 x 4.
  CHECK(drawing.slices().cost(first) == 6);
  CHECK(drawing.slices().cost(second) == 6);
  CHECK(drawing.slices().cost(kBoth) == 9);
  CHECK(drawing.slices().can_draw(0));
}

TEST_CASE("values of voxels are drawn as image, truth and prediction, the last two in one window") {
  Experiment experiment;
  for (const char* part : {"train", "validation"}) {
    experiment.json["data"][part]["target"] = "volumes";
    experiment.json["data"][part]["axes"] = "ncdhw";
  }
  experiment.json["model"]["layers"] = parse_json(
      R"([{"type": "Conv3D", "name": "conv", "out_channels": 1, "kernel_size": 1}])", "layers");
  experiment.json["loss"] = {{"type", "MSELoss"}};
  experiment.json["metrics"] = Json::array();
  Drawing drawing(experiment);
  set(drawing.session.model(), "conv/weight", {2});
  set(drawing.session.model(), "conv/bias", {1});
  const PanelSheet sheet = drawing.sheets(kBoth)[0];
  REQUIRE(sheet.panels.size() == 3);
  CHECK(sheet.panels[0].caption == "image d=3");
  const std::vector<float>& image = sheet.panels[0].slice.values;
  CHECK(sheet.panels[1].slice.values == image);
  for (std::size_t i = 0; i < image.size(); ++i)
    CHECK(sheet.panels[2].slice.values[i] == doctest::Approx(2 * image[i] + 1));
  CHECK(sheet.panels[2].window.low == sheet.panels[1].window.low);
  CHECK(sheet.panels[2].window.high == sheet.panels[1].window.high);
}

TEST_CASE("channels of binary logits are drawn as labels from 1 on, ignored voxels as none") {
  Experiment experiment;
  auto values = hdf5::File(experiment / "validation.h5").open("voxels").read<double>();
  for (double& value : values) value = value == 2 ? -100 : value;
  for (const char* file : {"train.h5", "validation.h5"})
    store(experiment / file, "binary", {{7, 1, 6, 6, 6}, values, H5T_STD_I16LE});
  store(experiment / "train.h5", "few", {{7, 1, 6, 6, 6}, values, H5T_IEEE_F32LE});
  for (const char* part : {"train", "validation"}) {
    experiment.json["data"][part]["target"] = "binary";
    experiment.json["data"][part]["files"] = "train.h5";
    experiment.json["data"][part]["input"] = "few";
  }
  experiment.json["model"]["layers"] = parse_json(
      R"([{"type": "Conv3D", "name": "conv", "out_channels": 1, "kernel_size": 1}])", "layers");
  experiment.json["loss"] = {{"type", "DiceLoss"}, {"sigmoid", true}, {"ignore_index", -100}};
  experiment.json["metrics"] = Json::array();
  Drawing drawing(experiment);
  set(drawing.session.model(), "conv/weight", {1});
  set(drawing.session.model(), "conv/bias", {-0.5F});
  const PanelSheet sheet = drawing.sheets(kBoth)[0];
  const std::vector<float>& image = sheet.panels[0].slice.values;
  for (std::size_t i = 0; i < image.size(); ++i) {
    CHECK(sheet.panels[1].slice.labels[i] == (image[i] == 1 ? 1 : 0));
    CHECK(sheet.panels[2].slice.labels[i] == (image[i] > 0.5F ? 1 : 0));
  }
}

TEST_CASE("of a sample with one label the image is drawn, and the classes are told as text") {
  const Experiment experiment;
  Drawing drawing(experiment);
  const PanelSheet sheet = drawing.sheets(kBoth)[1];
  REQUIRE(sheet.panels.size() == 1);
  CHECK(sheet.panels[0].slice.values.size() == 36);
  REQUIRE(sheet.lines.size() == 1);
  CHECK(sheet.lines[0].starts_with("target 0 ("));
}

TEST_CASE("a predicted class is told with its probability, values as numbers") {
  ConfigErrors errors("a.json");
  const auto text = [&](const Json& loss, std::vector<float> output, std::vector<float> target) {
    JsonObject object(loss, "/loss", errors);
    const auto made = make_loss(object);
    return predicted_text(*made, {Shape{1, std::ssize(output)}, output, {}}, target);
  };
  using Lines = std::vector<std::string>;
  CHECK(text({{"type", "CrossEntropyLoss"}}, {0, std::log(3.0F)}, {0}) ==
        Lines{"target 0 (25.0%), predicted 1 (75.0%), wrong"});
  CHECK(text({{"type", "CrossEntropyLoss"}}, {0, std::log(3.0F)}, {-100}) ==
        Lines{"target -100, predicted 1 (75.0%), wrong"});
  CHECK(text({{"type", "BCEWithLogitsLoss"}}, {std::log(4.0F)}, {1}) ==
        Lines{"target 1 (80.0%), predicted 1 (80.0%)"});
  CHECK(text({{"type", "MSELoss"}}, {0.5F, 2}, {1, 0.25F}) ==
        Lines{"target 1.000 0.250", "predicted 0.500 2.000"});
  CHECK(text({{"type", "BCEWithLogitsLoss"}}, {0, 0, 0, 0, 0, 0, 0}, {1, 0, 1, 0, 1, 0, 1}) ==
        Lines{"target 1.000 0.000 1.000 0.000 1.000 0.000 ..",
              "predicted 0.500 0.500 0.500 0.500 0.500 0.500 .."});
}

}  // namespace lucid::test
