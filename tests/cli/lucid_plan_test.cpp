#include <doctest/doctest.h>

#include "cli/planned_set.h"
#include "formats/readers/made_files.h"

using namespace lucid;
using namespace lucid::test;

TEST_CASE("lucid-plan writes an experiment that lucid-train trains, the same one every time") {
  const TempDir dir;
  make_cases(dir / "set.h5");
  const std::vector<std::string> arguments{"set.h5",    "--hours",  "0.02", "--gflops",
                                           "200",       "--folds",  "3",    "--output",
                                           "plan.json", "--explain"};
  const auto result = plan_in(dir, arguments);
  CHECK(result.err == "");
  REQUIRE(result.code == 0);
  CHECK(result.out.find("/model: Chosen: patches of 20x24x20, batches of ") != std::string::npos);
  const std::string text = read_text(dir / "plan.json");
  const Json json = parse_json(text, "plan.json");
  CHECK(json["name"] == "plan");
  CHECK(json["model"]["input"]["size"] == Json({20, 24, 20}));
  CHECK(json["train"]["folds"]["count"] == 3);
  CHECK(json["train"]["folds"]["checkpoint"] == "last");
  // Predicting what a fold holds out takes a part of the hours.
  CHECK(json["train"]["time_limit"].get<double>() < 0.02);
  CHECK(json["train"]["time_limit"].get<double>() > 0.015);
  const double steps = json["train"]["epochs"].get<double>() *
                       json["data"]["patch"]["per_volume"].get<double>() * 4 /
                       json["data"]["batch_size"].get<double>();
  CHECK(json["train"]["ema"]["decay"].get<double>() ==
        doctest::Approx(1 - 1 / std::floor(0.1 * steps)).epsilon(1e-4));
  CHECK(json["train"]["monitor"] == "validation.dice");
  CHECK(text.find("// The files do not say how large voxels are: they count as cubes.") !=
        std::string::npos);
  auto again = arguments;
  again.emplace_back("--overwrite");
  CHECK(plan_in(dir, again).code == 0);
  CHECK(read_text(dir / "plan.json") == text);
  const auto trained = train_in(
      dir, {"--config", "plan.json", "--fold", "1", "--epochs", "1", "--output", "run", "--quiet"});
  CHECK(trained.err == "");
  CHECK(trained.code == 0);
  CHECK(std::filesystem::exists(dir / "run/fold_1/checkpoints/best.h5"));
}

TEST_CASE("numbered objects that are merged are planned, trained and predicted as one class") {
  const TempDir dir;
  std::map<std::string, std::string> metrics, predictions;
  std::map<std::string, Json> plans;
  for (const std::string kind : {"classes", "objects"}) {
    std::filesystem::create_directory(dir / kind);
    make_cases(dir / kind / "set.h5", kind == "objects");
    std::vector<std::string> arguments{
        kind + "/set.h5", "--hours",        "0.02",      "--gflops", "200", "--folds", "2",
        "--output",       kind + "/p.json", "--threads", "1"};
    if (kind == "objects")
      arguments.insert(arguments.end(), {"--merge", "1-6:1", "--merge", "7-12:1"});
    REQUIRE(plan_in(dir, arguments).code == 0);
    plans[kind] = parse_json(read_text(dir / kind / "p.json"), "p.json");
    const auto trained =
        train_in(dir, {"--config", kind + "/p.json", "--fold", "0", "--epochs", "2", "--threads",
                       "1", "--output", kind + "/run", "--quiet"});
    CHECK(trained.err == "");
    REQUIRE(trained.code == 0);
    const std::filesystem::path fold = dir / kind / "run/fold_0";
    metrics[kind] = read_text(fold / "cases.json");
    const auto evaluated =
        run_program("lucid-infer",
                    {"--checkpoint", (fold / "checkpoints/last.h5").string(), "--input",
                     kind + "/set.h5", "--target", "*/label", "--output", kind + "/out.h5",
                     "--activation", "argmax", "--threads", "1", "--json", "--quiet"},
                    {.cwd = dir.path()});
    CAPTURE(evaluated.err);
    REQUIRE(evaluated.code == 0);
    predictions[kind] = parse_json(evaluated.out, "stdout")["metrics"].dump();
  }
  CHECK(plans["objects"]["data"]["merge_labels"] == Json{{"1-6", 1}, {"7-12", 1}});
  plans["objects"]["data"].erase("merge_labels");
  plans["objects"]["data"]["train"] = plans["classes"]["data"]["train"];
  CHECK(plans["objects"] == plans["classes"]);
  CHECK(metrics["objects"] == metrics["classes"]);
  CHECK(predictions["objects"] == predictions["classes"]);
}

TEST_CASE("lucid-plan times real steps of the networks that it chooses among") {
  const TempDir dir;
  make_cases(dir / "set.h5");
  const auto result =
      plan_in(dir, {"set.h5", "--hours", "0.01", "--folds", "2", "--output", "p.json", "--json"});
  REQUIRE(result.code == 0);
  const Json plan = parse_json(result.out, "stdout")["plan"];
  CHECK(plan["is_measured"] == true);
  CHECK(plan["seconds_per_step"].get<double>() > 0);
  CHECK(plan["validation_seconds"].get<double>() > 0);
  CHECK(plan["seconds"].get<double>() <= 36);
  CHECK(plan["memory_bytes"].get<double>() > 1e6);
}

TEST_CASE("lucid-plan says when the hours are too few for a sensible training") {
  const TempDir dir;
  make_cases(dir / "set.h5");
  const auto result =
      plan_in(dir, {"set.h5", "--hours", "0.003", "--gflops", "1", "--output", "p.json"});
  CHECK(result.code == 0);
  CHECK(
      result.err.starts_with("warning: the hours are too few for a sensible training: expected "
                             "at least 500 steps, found "));
}

TEST_CASE("lucid-plan refuses what it cannot plan in one line") {
  const TempDir dir;
  make_cases(dir / "set.h5");
  store(dir / "other.h5", "images", {{2, 2, 2}, {}});
  store(dir / "real.h5", "raw", {{4, 4, 4}, std::vector<double>(64, 1), H5T_IEEE_F32LE});
  store(dir / "real.h5", "label", {{4, 4, 4}, std::vector<double>(64, 0.5), H5T_IEEE_F32LE});
  const auto refused = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--output", "p.json"});
    return refusal(plan_in(dir, arguments));
  };
  CHECK(refused({"set.h5", "--hours", "many"}) ==
        "2: --hours: expected a number above 0 or 'unlimited', found 'many'");
  CHECK(refused({"set.h5", "--hours", "0"}) ==
        "2: --hours: expected a number above 0 or 'unlimited', found '0'");
  CHECK(refused({"none.h5", "--hours", "1"}).ends_with("none.h5: no such file"));
  CHECK(refused({"other.h5", "--hours", "1"}) ==
        "3: other.h5: expected datasets of volumes and targets, train/raw with train/label, "
        "train/input with train/target, */raw with */label, raw with label, volumes with labels, "
        "found none of these; name them by --input and --target; known: images");
  CHECK(refused({"set.h5", "--input", "*/raw", "--hours", "1"}) ==
        "2: --input: expected --target beside it, found one of them alone");
  CHECK(refused({"real.h5", "--hours", "1", "--gflops", "9"}) ==
        "3: real.h5: /label: expected classes, integers of shape (D, H, W), found numbers that are "
        "no integers");
  dir.write("p.json", "{}");
  CHECK(refused({"set.h5", "--hours", "1"}) ==
        "2: p.json: exists; --overwrite replaces it, or choose another --output");
  CHECK(read_text(dir / "p.json") == "{}");
}

TEST_CASE("lucid-plan imports scans once, and lucid-train trains and predicts their folds") {
  const TempDir dir;
  for (int number = 0; number < 4; ++number) {
    std::string raw, label;
    for (int v = 0; v < 16 * 16 * 16; ++v) {
      const bool is_in = v / 256 > 4 + number && v % 16 > 7;
      raw += static_cast<char>((is_in ? 60 : 10) + v % 7);
      label += static_cast<char>(is_in ? 1 : 0);
    }
    const NiftiSpec spec{.dim = {16, 16, 16}};
    const std::string name = "case" + std::to_string(number);
    dir.write("T/imagesTr/" + name + ".nii", nifti1(spec) + raw);
    dir.write("T/labelsTr/" + name + ".nii.gz", gzip(nifti1(spec) + label));
  }
  std::filesystem::create_directory(dir / "plans");
  dir.write("T/dataset.json",
            R"({"channel_names": {"0": "CT"}, "labels": {"background": 0, "x": 1}})");
  const auto planned =
      plan_in(dir, {"T", "--hours", "0.01", "--folds", "2", "--output", "plans/p.json", "--json"});
  CHECK(planned.err == "");
  REQUIRE(planned.code == 0);
  CHECK(parse_json(planned.out, "stdout")["fingerprint"]["channels"][0]["name"] == "CT");
  const Json json = parse_json(read_text(dir / "plans/p.json"), "p.json");
  CHECK(json["data"]["normalize"]["type"] == "ct");
  const std::string folder = std::filesystem::canonical(dir.path()).string();
  CHECK(json["data"]["train"] ==
        Json({{"files", folder + "/T/imagesTr"}, {"labels", folder + "/T/labelsTr"}}));
  const auto count = [&] {
    return std::distance(std::filesystem::directory_iterator(dir / "runs/imported"), {});
  };
  CHECK(count() == 4);
  const auto trained = train_in(dir, {"--config", "plans/p.json", "--fold", "all", "--epochs", "1",
                                      "--output", "runs/p", "--quiet"});
  CHECK(trained.err == "");
  REQUIRE(trained.code == 0);
  CHECK(count() == 4);
  CHECK_FALSE(std::filesystem::exists(dir / "runs/p/imported"));
  CHECK(read_json_file(dir / "runs/p/summary.json")["cases"].size() == 4);
}
