#include <doctest/doctest.h>

#include "cli/folds_experiment.h"

namespace lucid::test {
namespace {

namespace fs = std::filesystem;

Json of_case(const Json& summary, const std::string& name) {
  for (const Json& each : summary["metric_per_case"])
    if (each["name"] == name) return each["metrics"];
  return nullptr;
}

}  // namespace

TEST_CASE("lucid-train: folds predict the cases that they hold out, and are measured together") {
  Folds f;
  f.write_config();
  const ProgramResult result = f.train("all", "out");
  REQUIRE(result.code == 0);
  const Json splits = f.read("out/splits_final.json");
  // KFold(3, shuffle=True, random_state=12345) over 6 cases
  REQUIRE(splits.size() == 3);
  CHECK(splits[0]["val"].get<Names>() == Names{"c3", "c5"});
  CHECK(splits[1]["val"].get<Names>() == Names{"c0", "c4"});
  CHECK(splits[2]["train"].get<Names>() == Names{"c0", "c3", "c4", "c5"});
  const Json summary = f.read("out/summary.json");
  CHECK(summary["metric_per_case"].size() == 6);
  CHECK(summary["checkpoint"] == "best");
  CHECK(result.out.find("6 cases out of fold: foreground Dice ") != std::string::npos);
  for (std::size_t k = 0; k < 3; ++k) {
    const std::string fold = "out/fold_" + std::to_string(k);
    CHECK(f.predicted(fold) == splits[k]["val"].get<Names>());
    CHECK(f.read(fold + "/config.json")["data"]["train"]["cases"] == splits[k]["train"]);
    const std::string name = splits[k]["val"][0].get<std::string>();
    const std::string file = fold + "/validation/" + name + ".h5";
    // The same as by the other programs.
    REQUIRE(run_program("lucid-infer",
                        {"--checkpoint", fold + "/checkpoints/best.h5", "--input", "cases.h5",
                         "--dataset", name + "/raw", "--activation", "argmax", "--postprocess",
                         "none", "--output", name + "_again.h5", "--threads", "1", "--quiet"},
                        {.cwd = f.folder.path()})
                .code == 0);
    CHECK(hdf5::File(f / file).open("predictions").read<float>() ==
          hdf5::File(f / (name + "_again.h5")).open("predictions").read<float>());
    REQUIRE(run_in(f.folder,
                   {"evaluate", file, "cases.h5:/" + name + "/label", "--json", name + ".json"})
                .code == 0);
    CHECK(f.read(name + ".json")["metric_per_case"][0]["metrics"] == of_case(summary, name));
  }
  const ProgramResult listed =
      run_program("lucid-runs", {"list", "out", "--json"}, {.cwd = f.folder.path()});
  CHECK(parse_json(listed.out, "list").size() == 3);
}

TEST_CASE("lucid-train: folds that a time limit has ended are not trained again") {
  Folds f;
  f.json["train"]["time_limit"] = {{"minutes", 0.002}};
  f.json["train"]["epochs"] = 1000;
  f.write_config();
  const ProgramResult first = f.train("all", "out");
  REQUIRE(first.code == 0);
  CHECK(first.out.find("fold 2 of 3") != std::string::npos);
  const ProgramResult again = f.train("all", "out");
  CHECK(again.code == 0);
  CHECK(again.out.find("fold 0 of 3") == std::string::npos);
}

TEST_CASE("lucid-train: a longer run of folds goes on, and predicts again") {
  Folds f;
  f.json["train"]["folds"] = {{"count", 2}, {"seed", 5}, {"checkpoint", "last"}};
  f.write_config();
  REQUIRE(f.train("all", "straight", {"--epochs", "3"}).code == 0);
  REQUIRE(f.train("1", "out").code == 0);
  CHECK_FALSE(fs::exists(f / "out/summary.json"));
  CHECK(f.read("out/fold_1/validation/checkpoint.json")["checkpoint"] == "checkpoints/last.h5");
  REQUIRE(f.train("0", "out").code == 0);
  CHECK(f.read("out/summary.json") != f.read("straight/summary.json"));
  REQUIRE(
      train_in(f.folder, {"--resume", "out", "--epochs", "3", "--threads", "1", "--quiet"}).code ==
      0);
  CHECK(f.read("out/summary.json") == f.read("straight/summary.json"));
  CHECK(f.read("out/config.json") == f.read("straight/config.json"));
  REQUIRE(f.train("0", "out", {"--overwrite", "--epochs", "3"}).code == 0);
  CHECK(f.read("out/summary.json") == f.read("straight/summary.json"));
}

TEST_CASE("lucid-train: a dry run of folds says how large they are") {
  Folds f;
  f.json["train"]["folds"] = {{"count", 4}};
  f.write_config();
  const ProgramResult result = f.train("all", "out", {"--dry-run"});
  CHECK(result.code == 0);
  CHECK(
      result.out.starts_with("fold 0: 4 cases train, 2 are held out\n"
                             "fold 1: 4 cases train, 2 are held out\n"
                             "fold 2: 5 cases train, 1 are held out\n"
                             "fold 3: 5 cases train, 1 are held out\nlayer"));
  CHECK_FALSE(fs::exists(f / "out"));
}

TEST_CASE("lucid-train: the median voxel size is that of all cases in every fold") {
  Folds f;
  f.json["data"]["spacing"] = "median";
  f.json["train"]["max_steps"] = 1;
  f.write_config();
  REQUIRE(f.train("all", "out").code == 0);
  const Json median = {1.3125, 1.0, 1.0};
  for (const char* run : {"out", "out/fold_0", "out/fold_1", "out/fold_2"})
    CHECK(f.read(std::string(run) + "/config.json")["data"]["spacing"] == median);
  // Cases are predicted on their own voxels.
  CHECK(hdf5::File(f / "out/fold_0/validation/c3.h5").open("predictions").shape() ==
        Shape{1, 10, 9, 9});
  CHECK(f.read("out/summary.json")["metric_per_case"].size() == 6);
}

TEST_CASE("lucid-train: folds over samples are measured as one set") {
  Folds f;
  f.json = Experiment().json;
  f.json["data"].erase("validation");
  f.json["train"]["folds"] = {{"file", "splits.json"}};
  f.folder.write("splits.json",
                 R"([{"train": ["train_0", "train_4", "train_2", "train_7"],
                      "val": ["train_11", "train_1", "train_10"]},
                     {"train": ["train_1", "train_3", "train_5"], "val": ["train_2", "train_0"]}])");
  f.json["metrics"] = {"accuracy", "confusion"};
  f.write_config();
  const ProgramResult result = f.train("all", "out");
  CAPTURE(result.err);
  REQUIRE(result.code == 0);
  const Json summary = f.read("out/summary.json");
  CHECK(summary["samples"] == 5);
  REQUIRE(summary["cases"].size() == 5);
  CHECK(summary["metric_per_fold"].size() == 2);
  double right = 0;
  Names names;
  for (const Json& each : summary["cases"]) {
    const auto name = each["name"].get<std::string>();
    CHECK(each["target"] == std::stoi(name.substr(6)) % 3);
    if (each["target"] == each["prediction"]) ++right;
    names.push_back(name);
  }
  CHECK(names == Names{"train_1", "train_10", "train_11", "train_0", "train_2"});
  CHECK(summary["metrics"]["accuracy"].get<double>() == doctest::Approx(right / 5));
  const Json& folds = summary["metric_per_fold"];
  CHECK(summary["metrics"]["loss"].get<double>() ==
        doctest::Approx((3 * folds[0]["loss"].get<double>() + 2 * folds[1]["loss"].get<double>()) /
                        5));
  CHECK(hdf5::File(f / "out/fold_0/validation/predictions.h5").open("predictions").shape() ==
        Shape{3, 3});
}

TEST_CASE("lucid-train: folds over values of voxels have the means of their cases") {
  Folds f;
  f.learn_values();
  f.write_config();
  const ProgramResult result = f.train("all", "out");
  CAPTURE(result.err);
  REQUIRE(result.code == 0);
  const Json summary = f.read("out/summary.json");
  REQUIRE(summary["metric_per_case"].size() == 4);
  double sum = 0;
  for (const Json& each : summary["metric_per_case"]) sum += each["metrics"]["mae"].get<double>();
  CHECK(summary["mean"]["mae"].get<double>() == doctest::Approx(sum / 4));
  CHECK(f.predicted("out/fold_0").size() == 2);
}

}  // namespace lucid::test
