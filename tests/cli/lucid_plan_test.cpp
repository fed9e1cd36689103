#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "cli/results.h"
#include "data/hdf5/h5_files.h"
#include "formats/readers/made_files.h"

using namespace lucid;
using namespace lucid::test;

namespace {

// Six cases of 20x24x20 voxels with a bright box, whose place differs: class 1.
void make_cases(const std::filesystem::path& file) {
  const std::vector<std::int64_t> extents{20, 24, 20};
  for (int number = 0; number < 6; ++number) {
    std::vector<double> raw, label;
    for (int d = 0; d < 20; ++d)
      for (int h = 0; h < 24; ++h)
        for (int w = 0; w < 20; ++w) {
          const bool is_in = std::abs(d - 8 - number % 3) < 4 && std::abs(h - 12) < 5 &&
                             std::abs(w - 7 - number) < 4;
          raw.push_back((is_in ? 100 : 20) + (d * 7 + h * 5 + w * 3) % 11 + 1);
          label.push_back(is_in ? 1 : 0);
        }
    const std::string name = "case" + std::to_string(number);
    store(file, name + "/raw", {{20, 24, 20}, raw, H5T_STD_I16LE});
    store(file, name + "/label", {{20, 24, 20}, label, H5T_STD_U8LE});
  }
}

ProgramResult plan_in(const TempDir& folder, std::vector<std::string> arguments) {
  arguments.emplace_back("--quiet");
  return run_program("lucid-plan", arguments, {.cwd = folder.path()});
}

}  // namespace

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

TEST_CASE("lucid-plan mirrors along axes whose directions the order of classes does not tell") {
  const TempDir dir;
  for (int number = 0; number < 6; ++number) {
    std::vector<double> raw, label;
    for (int d = 0; d < 8; ++d)
      for (int h = 0; h < 16; ++h)
        for (int w = 0; w < 8; ++w) {
          const bool is_first = (d < 4) == (number < 3) && h < 6;
          const bool is_second = (d < 4) == (number >= 3) && h > 9;
          raw.push_back(10 * (is_first ? 1 : 0) + 20 * (is_second ? 1 : 0) + w % 3 + 1);
          label.push_back(is_first ? 1 : is_second ? 2 : 0);
        }
    const std::string name = "case" + std::to_string(number);
    store(dir / "two.h5", name + "/raw", {{8, 16, 8}, raw, H5T_STD_I16LE});
    store(dir / "two.h5", name + "/label", {{8, 16, 8}, label, H5T_STD_U8LE});
  }
  const auto two = plan_in(
      dir, {"two.h5", "--hours", "0.02", "--gflops", "100", "--output", "two.json", "--json"});
  REQUIRE(two.code == 0);
  const Json told = parse_json(two.out, "stdout");
  CHECK(told["fingerprint"]["class_order"] == Json({0.5, 1.0, 0.0}));
  const Json planned = parse_json(read_text(dir / "two.json"), "two.json");
  CHECK(planned["data"]["augmentation"][0] == Json({{"type", "RandomFlip"}, {"axes", "dw"}}));
  CHECK(told["reasons"]["/data/augmentation"][0] ==
        "nnU-Net's, mirrored along dw: along h, two classes have one order in 95 % of the volumes "
        "at least.");
  make_cases(dir / "one.h5");
  REQUIRE(
      plan_in(dir, {"one.h5", "--hours", "0.02", "--gflops", "100", "--output", "one.json"}).code ==
      0);
  const Json all = parse_json(read_text(dir / "one.json"), "one.json");
  CHECK(all["data"]["augmentation"][0] == Json({{"type", "RandomFlip"}, {"axes", "dhw"}}));
}

TEST_CASE("lucid-plan without a limit of hours is nnU-Net's own plan") {
  const TempDir dir;
  make_cases(dir / "set.h5");
  const auto result = plan_in(
      dir, {"set.h5", "--hours", "unlimited", "--memory", "8", "--output", "p.json", "--json"});
  REQUIRE(result.code == 0);
  const Json json = parse_json(result.out, "stdout");
  CHECK(json["fingerprint"]["task"] == "segmentation");
  CHECK(json["fingerprint"]["class_counts"].size() == 2);
  CHECK(json["fingerprint"]["components"][0]["median_count"] == 1);
  CHECK(json["plan"]["features"] == Json({32, 64, 128}));
  CHECK(json["plan"]["batch"] == 2);  // at most 5 % of the voxels of six cases
  CHECK(json["plan"]["strides"] == Json({{1, 1, 1}, {2, 2, 2}, {2, 2, 2}}));
  CHECK(json["reasons"]["/optimizer"].size() == 1);
}

TEST_CASE("lucid-plan plans U-Nets with residual encoders, which lucid-train trains") {
  const TempDir dir;
  make_cases(dir / "set.h5");
  const auto rules = plan_in(dir, {"set.h5", "--hours", "unlimited", "--memory", "24", "--encoder",
                                   "residual", "--output", "l.json", "--json"});
  REQUIRE(rules.code == 0);
  const Json plan = parse_json(rules.out, "stdout")["plan"];
  CHECK(plan["blocks_per_stage"] == Json({1, 3, 4}));
  CHECK(plan["features"] == Json({32, 64, 128}));
  CHECK(plan["batch"] == 6);  // all six cases, whose volume is that of the patch
  CHECK(read_text(dir / "l.json")
            .starts_with("// Planned by lucid-plan by the rules of nnU-Net's ResEnc L: about "));
  const auto fast = plan_in(dir, {"set.h5", "--hours", "0.02", "--gflops", "50", "--folds", "3",
                                  "--encoder", "residual", "--output", "p.json", "--explain"});
  CHECK(fast.err == "");
  REQUIRE(fast.code == 0);
  CHECK(fast.out.find("features, 1 + 3 + 4 residual blocks; ") != std::string::npos);
  CHECK(fast.out.find("/model: nnU-Net's ResEnc M on a GPU of 8 GB would take 250,000 steps of ") !=
        std::string::npos);
  const std::string text = read_text(dir / "p.json");
  CHECK(text.find("// The encoder is that of nnU-Net's ResEnc presets: ") != std::string::npos);
  CHECK(parse_json(text, "p.json")["model"]["blocks"].contains("residual_down"));
  const auto trained = train_in(
      dir, {"--config", "p.json", "--fold", "1", "--epochs", "1", "--output", "run", "--quiet"});
  CHECK(trained.err == "");
  CHECK(trained.code == 0);
}

TEST_CASE("lucid-plan plans a residual network for a class or numbers a volume") {
  const TempDir dir;
  std::vector<double> volumes, classes, values;
  for (int i = 0; i < 24; ++i) {
    for (int v = 0; v < 512; ++v) volumes.push_back((v * (i + 3)) % 17 + (i % 3 == 0 ? 20 : 0));
    classes.push_back(i % 3 == 0 ? 1 : 0);
    values.push_back(0.5 * i);
  }
  store(dir / "c.h5", "volumes", {{24, 1, 8, 8, 8}, volumes, H5T_IEEE_F32LE});
  store(dir / "c.h5", "labels", {{24}, classes, H5T_STD_I32LE});
  store(dir / "c.h5", "values", {{24, 1}, values, H5T_IEEE_F32LE});
  REQUIRE(plan_in(dir, {"c.h5", "--hours", "0.01", "--gflops", "50", "--output", "c.json"}).code ==
          0);
  const Json classified = parse_json(read_text(dir / "c.json"), "c.json");
  CHECK(classified["loss"]["weight"] == "auto");  // 16 and 8 volumes
  CHECK(classified["train"]["monitor"] == "validation.auc");
  REQUIRE(plan_in(dir, {"c.h5", "--input", "volumes", "--target", "values", "--hours", "0.01",
                        "--gflops", "50", "--output", "v.json"})
              .code == 0);
  const Json regressed = parse_json(read_text(dir / "v.json"), "v.json");
  CHECK(regressed["loss"]["type"] == "MSELoss");
  CHECK(regressed["model"]["layers"].back()["out_features"] == 1);
  CHECK(
      refusal(
          plan_in(dir, {"c.h5", "--hours", "1", "--encoder", "residual", "--output", "r.json"})) ==
      "2: --encoder: expected labels of voxels, as only U-Nets have an encoder to choose, found a "
      "class or numbers a volume");
  for (const char* config : {"c.json", "v.json"}) {
    const auto trained = train_in(dir, {"--config", config, "--fold", "0", "--epochs", "1",
                                        "--output", std::string("run_") + config, "--quiet"});
    CHECK(trained.err == "");
    CHECK(trained.code == 0);
  }
}

TEST_CASE("lucid-plan says when the hours are too few for a sensible training") {
  const TempDir dir;
  make_cases(dir / "set.h5");
  const auto result =
      plan_in(dir, {"set.h5", "--hours", "0.005", "--gflops", "1", "--output", "p.json"});
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
