#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "infer/tiled/members.h"
#include "store/stored_rules.h"
#include "support/approx.h"

// Several networks that predict the mean of probabilities, window by window.
namespace lucid {
namespace {

using test::approx;
using test::Members;

// The data section of networks whose targets have values for each channel.
const std::string kValues =
    R"({"train": {"files": "train.h5", "input": "volumes", "target": "volumes"}})";

constexpr double kRounding = 2e-6;  // of sums of windows in another order of operations

// Windows that overlap, so that the networks disagree with themselves where they meet.
void use_windows(Members& f) {
  f.options.tiles = TileOptions{};
  f.options.tiles->patch = {16, 14, 18};
  f.options.tiles->overlap = 0.4;
}

void check_classes(Members& f, const char* what) {
  CAPTURE(what);
  const std::vector<double> mean = f.mean_of(Activation::kSoftmax);
  CHECK(f.of_all(Activation::kSoftmax) == approx(mean).within(0, kRounding));
  CHECK(f.of_all(Activation::kNone) == approx(mean).within(0, kRounding));
  const std::vector<float> classes = f.of_all(Activation::kArgmax);
  REQUIRE(classes.size() == mean.size() / 3);
  CHECK(test::equal_in(classes, test::largest_of(mean, 3)) + 5 >= classes.size());  // but for ties
  CHECK(test::equal_in(classes, f.of_one(0, Activation::kArgmax)) < classes.size());
}

}  // namespace

TEST_CASE("several networks predict the mean of what each predicts by softmax") {
  Members f;
  f.train_members(5);
  f.add_volume("a.h5", {40, 30, 24});
  use_windows(f);
  check_classes(f, "windows");
  f.options.tiles->flips = {true, true, true};
  check_classes(f, "flips");
  f.options.batch_size = 3;
  CHECK(f.of_all(Activation::kSoftmax) ==
        approx(f.mean_of(Activation::kSoftmax)).within(0, kRounding));
}

TEST_CASE("the mean of several networks is taken before it is interpolated and compared") {
  Members f;
  f.grid = parse_json(
      R"({"spacing": [1.25, 0.75, 1.1], "crop": "nonzero", "patch": {}, "voxel_size": [1, 1, 1]})",
      "a.json");
  f.train_members(3);
  f.add_volume("a.h5", {40, 36, 44});
  use_windows(f);
  check_classes(f, "spacing");
  f.options.keeps_spacing = true;
  check_classes(f, "kept spacing");
}

TEST_CASE("networks of binary channels predict the mean of sigmoids, others that of values") {
  for (const char* loss :
       {R"({"type": "BCEWithLogitsLoss"})", R"({"type": "DiceLoss", "sigmoid": true})"}) {
    CAPTURE(loss);
    Members f;
    f.grid = parse_json(kValues, "a.json");
    f.experiment.json["loss"] = parse_json(loss, "loss");
    f.experiment.json["model"]["layers"].back()["out_channels"] = 1;
    f.experiment.json.erase("metrics");
    f.train_members(3);
    f.add_volume("a.h5", {40, 16, 24});
    use_windows(f);
    const std::vector<double> mean = f.mean_of(Activation::kSigmoid);
    CHECK(f.of_all(Activation::kSigmoid) == approx(mean).within(0, kRounding));
    CHECK(f.of_all(Activation::kNone) == approx(mean).within(0, kRounding));
  }
  Members f;
  f.grid = parse_json(kValues, "a.json");
  f.experiment.json["loss"] = {{"type", "MSELoss"}};
  f.experiment.json["model"]["layers"].back()["out_channels"] = 1;
  f.experiment.json.erase("metrics");
  f.train_members(3);
  f.add_volume("a.h5", {40, 16, 24});
  use_windows(f);
  CHECK(f.of_all(Activation::kNone) ==
        approx(f.mean_of(Activation::kNone)).within(1e-5, kRounding));
}

TEST_CASE("networks that end in softmax predict the mean of what they give") {
  Members f;
  f.experiment.json["model"]["layers"].push_back({{"type", "Softmax"}});
  f.train_members(3);
  f.add_volume("a.h5", {40, 16, 24});
  use_windows(f);
  const std::vector<double> mean = f.mean_of(Activation::kNone);
  CHECK(f.of_all(Activation::kNone) == approx(mean).within(0, kRounding));
  const std::vector<float> classes = f.of_all(Activation::kArgmax);
  CHECK(test::equal_in(classes, test::largest_of(mean, 3)) + 5 >= classes.size());
  CHECK(f.of_all(Activation::kSoftmax) ==
        approx(f.mean_of(Activation::kSoftmax)).within(0, kRounding));
}

TEST_CASE("members of an ensemble may be different networks") {
  Members f;
  f.train_members(2);
  Json& layers = f.experiment.json["model"]["layers"];
  layers = parse_json(R"([{"type": "Conv3D", "out_channels": 3, "kernel_size": 5, "padding": 2},
                          {"type": "Softmax"}])",
                      "layers");
  f.train("other");
  f.checkpoints.push_back(f.experiment.last("other"));
  f.options.checkpoints = f.checkpoints;
  f.add_volume("a.h5", {20, 30, 24});
  f.options.tiles = TileOptions{};
  f.options.tiles->overlap.reset();  // as much as the largest receptive field needs: no seams
  std::vector<double> mean(3 * 20 * 30 * 24);
  for (std::size_t member = 0; member < 3; ++member) {
    const std::vector<float> one =
        f.of_one(member, member == 2 ? Activation::kNone : Activation::kSoftmax);
    for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += one[i] / 3.0;
  }
  CHECK(f.of_all(Activation::kNone) == approx(mean).within(0, 1e-5));
  f.options.tiles->patch = {20, 30, 24};
  CHECK(f.of_all(Activation::kNone) == approx(mean).within(0, 1e-5));
}

TEST_CASE("an ensemble gives the same bits again, and whatever other networks ran before it") {
  Members f;
  f.train_members(3);
  f.add_volume("a.h5", {40, 30, 24});
  use_windows(f);
  const std::vector<float> once = f.of_all(Activation::kSoftmax);
  CHECK(f.of_all(Activation::kSoftmax) == once);
  f.options.checkpoints = {f.checkpoints[1], f.checkpoints[1], f.checkpoints[1]};
  CHECK(f.of_all(Activation::kNone) == approx(f.of_one(1, Activation::kSoftmax)).within(0, 1e-6));
  f.options.threads = 2;
  f.options.checkpoints = f.checkpoints;
  const std::vector<float> twice = f.of_all(Activation::kSoftmax);
  CHECK(twice == approx(once).within(0, 1e-6));
  CHECK(f.of_all(Activation::kSoftmax) == twice);
}

TEST_CASE("several networks are postprocessed by the rules that all of them have") {
  Members f;
  f.train_members(2);
  f.add_volume("a.h5", {20, 16, 24});
  use_windows(f);
  f.options.takes_stored_rules = false;
  const std::vector<float> plain = f.of_all(Activation::kArgmax);
  f.options.takes_stored_rules = true;
  const auto rules = test::from_json(parse_json(R"({"min_size": {"voxels": 100000}})", "rules"), "",
                                     [](JsonObject& o) { return read_postprocess_json(o); });
  store_rules(f.checkpoints[0], rules);
  CHECK(f.of_all(Activation::kArgmax) == plain);
  CHECK(f.notes.find("warning: " + f.checkpoints[1].string() + ": expected the postprocessing of " +
                     f.checkpoints[0].string() +
                     " from validation, found another; classes are left as they are: give "
                     "--postprocess") != std::string::npos);
  store_rules(f.checkpoints[1], rules);
  const std::vector<float> nothing(plain.size(), 0);
  CHECK(plain != nothing);
  CHECK(f.of_all(Activation::kArgmax) == nothing);
  CHECK(f.notes.find(": classes are postprocessed by min-size=100000, chosen by "
                     "validation") != std::string::npos);
}

}  // namespace lucid
