#include <doctest/doctest.h>

#include "cli/folds_experiment.h"
#include "support/approx.h"

// train.folds.tta: what folds predict of the cases that they hold out by mirror images.
namespace lucid::test {
namespace {

namespace fs = std::filesystem;

struct MirroredFolds : Folds {
  MirroredFolds() { json["data"]["augmentation"] = {{{"type", "RandomFlip"}, {"axes", "dw"}}}; }

  ProgramResult train_with(const std::string& tta) {
    json["train"]["folds"] = {{"count", 2}, {"tta", tta}};
    write_config();
    ProgramResult result = train("all", "out");
    CAPTURE(result.err);
    REQUIRE(result.code == 0);
    return result;
  }
  std::vector<float> predicted_by_folds(const std::string& name) const {
    return hdf5::File(folder / ("out/fold_0/validation/" + name)).open("predictions").read<float>();
  }
  // Returns what lucid-infer predicts with the network of the first fold.
  std::vector<float> predicted_by_infer(const std::vector<std::string>& more) const {
    std::vector<std::string> all{"--checkpoint", "out/fold_0/checkpoints/best.h5",
                                 "--output",     "again.h5",
                                 "--threads",    "1",
                                 "--quiet",      "--overwrite"};
    all.insert(all.end(), more.begin(), more.end());
    const ProgramResult result = run_program("lucid-infer", all, {.cwd = folder.path()});
    CAPTURE(result.err);
    REQUIRE(result.code == 0);
    return hdf5::File(folder / "again.h5").open("predictions").read<float>();
  }
  std::string held_out() const {
    return read("out/splits_final.json")[0]["val"][0].get<std::string>();
  }
};

}  // namespace

TEST_CASE("lucid-train: folds predict labels by mirror images, and again if the key changes") {
  MirroredFolds f;
  f.train_with("none");
  const std::string name = f.held_out();
  const std::vector<std::string> labels{"--input",      "cases.h5", "--dataset",     name + "/raw",
                                        "--activation", "argmax",   "--postprocess", "none"};
  const auto with_tta = [&](const std::string& tta) {
    std::vector<std::string> all = labels;
    all.insert(all.end(), {"--tta", tta});
    return f.predicted_by_infer(all);
  };
  const std::string file = name + ".h5";
  const std::vector<float> plain = f.predicted_by_folds(file);
  CHECK(plain == f.predicted_by_infer(labels));
  const Json by = f.read("out/fold_0/validation/checkpoint.json");
  CHECK_FALSE(by.contains("tta"));
  CHECK(f.read("out/summary.json")["tta"] == "none");
  const ProgramResult again = f.train_with("flips");
  CHECK(again.out.find("fold 0 of 2") == std::string::npos);  // it is not trained again
  const std::vector<float> flipped = f.predicted_by_folds(file);
  CHECK(flipped == with_tta("flips"));
  CHECK(flipped == with_tta("dw"));
  CHECK_FALSE(flipped == plain);
  Json expected = by;
  expected["tta"] = "flips";
  CHECK(f.read("out/fold_0/validation/checkpoint.json") == expected);
  CHECK(f.read("out/postprocessing.json")["folds"][0] == expected);
  CHECK(f.read("out/summary.json")["tta"] == "flips");
  const auto written = fs::last_write_time(f / ("out/fold_0/validation/" + file));
  f.train_with("flips");
  CHECK(fs::last_write_time(f / ("out/fold_0/validation/" + file)) == written);
  f.train_with("none");
  CHECK(f.predicted_by_folds(file) == plain);
}

TEST_CASE("lucid-train: folds predict values of voxels by mirror images") {
  MirroredFolds f;
  f.learn_values();
  f.train_with("flips");
  const std::string name = f.held_out();
  const std::vector<std::string> volume{"--input", "values.h5", "--dataset", name + "/raw",
                                        "--axes",  "cdhw",      "--tta"};
  const auto with_tta = [&](const std::string& tta) {
    std::vector<std::string> all = volume;
    all.push_back(tta);
    return f.predicted_by_infer(all);
  };
  CHECK(f.predicted_by_folds(name + ".h5") == with_tta("flips"));
  CHECK_FALSE(f.predicted_by_folds(name + ".h5") == with_tta("none"));
}

TEST_CASE("lucid-train: folds predict samples by mirror images") {
  MirroredFolds f;
  const Json augmentation = f.json["data"]["augmentation"];
  f.json = Experiment().json;
  f.json["data"].erase("validation");
  f.json["data"]["augmentation"] = augmentation;
  f.train_with("flips");
  const auto held_out = f.read("out/splits_final.json")[0]["val"].get<Names>();
  const auto with_tta = [&](const std::string& tta) {
    const std::vector<float> all = f.predicted_by_infer({"--input", "train.h5", "--tta", tta});
    std::vector<float> of_fold;
    for (std::size_t number = 0; number < 12; ++number)
      if (std::ranges::count(held_out, "train_" + std::to_string(number)) > 0)
        of_fold.insert(of_fold.end(), all.begin() + static_cast<std::ptrdiff_t>(3 * number),
                       all.begin() + static_cast<std::ptrdiff_t>(3 * number + 3));
    return of_fold;
  };
  std::vector<float> found = f.predicted_by_folds("predictions.h5");
  const auto sorted = [](std::vector<float> values) {
    std::ranges::sort(values);
    return values;
  };
  CHECK(found.size() == 3 * held_out.size());
  CHECK(sorted(found) == approx(sorted(with_tta("flips"))).within(0, 1e-6));
  CHECK_FALSE(sorted(found) == approx(sorted(with_tta("none"))).within(0, 1e-6));
}

TEST_CASE("lucid-train: folds whose training mirrors nothing tell so, and predict as without") {
  MirroredFolds f;
  f.json["data"].erase("augmentation");
  const ProgramResult result = f.train_with("flips");
  CHECK(result.err.find("best.h5: --tta flips expects a network that was trained on mirror images, "
                        "found RandomFlip along none: nothing is mirrored") != std::string::npos);
  const std::string name = f.held_out();
  CHECK(f.predicted_by_folds(name + ".h5") ==
        f.predicted_by_infer({"--input", "cases.h5", "--dataset", name + "/raw", "--activation",
                              "argmax", "--postprocess", "none"}));
}

}  // namespace lucid::test
