#include <doctest/doctest.h>

#include "cli/planned_set.h"

using namespace lucid;
using namespace lucid::test;

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
  CHECK(told["fingerprint"]["share_variation"] == 0.0);
  const Json planned = parse_json(read_text(dir / "two.json"), "two.json");
  CHECK(planned["data"]["augmentation"][0] == Json({{"type", "RandomFlip"}, {"axes", "dw"}}));
  CHECK(planned["train"]["folds"]["tta"] == "flips");
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

TEST_CASE("lucid-plan plans batch norm where volumes have more or less foreground") {
  const TempDir dir;
  for (const int planes : {4, 12}) {
    std::vector<double> raw, label;
    for (int i = 0; i < 16 * 16 * 16; ++i) {
      const bool is_in = i / 256 < planes;
      raw.push_back((is_in ? 90 : 30) + i % 7);
      label.push_back(is_in ? 1 : 0);
    }
    const std::string name = "case" + std::to_string(planes);
    store(dir / "set.h5", name + "/raw", {{16, 16, 16}, raw, H5T_STD_I16LE});
    store(dir / "set.h5", name + "/label", {{16, 16, 16}, label, H5T_STD_U8LE});
  }
  const auto planned = plan_in(dir, {"set.h5", "--hours", "0.02", "--gflops", "100", "--folds", "2",
                                     "--output", "plan.json", "--json"});
  REQUIRE(planned.code == 0);
  const Json told = parse_json(planned.out, "stdout");
  CHECK(told["fingerprint"]["share_variation"] == 0.5);  // 0.25 and 0.75
  const std::string text = read_text(dir / "plan.json");
  CHECK(text.find("// Batch norm takes the place of nnU-Net's instance norm") != std::string::npos);
  const auto trained = train_in(
      dir, {"--config", "plan.json", "--fold", "0", "--epochs", "1", "--output", "run", "--quiet"});
  CHECK(trained.err == "");
  CHECK(trained.code == 0);
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
