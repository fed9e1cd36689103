#include "folds/validated_rules.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "data/hdf5/write.h"
#include "support/experiment.h"

namespace lucid::test {
namespace {

namespace fs = std::filesystem;

const Shape kRow{1, 1, 10};

// One case, held out by the only fold; its prediction is there, as is what it was predicted by.
struct PredictedCase : Experiment {
  PredictedCase() {
    const std::vector<std::uint8_t> truth{9, 9, 9, 1, 0, 1, 1, 0, 9, 2},
        predicted{1, 1, 1, 1, 0, 1, 1, 0, 2, 0}, mask{1, 1, 1, 1, 1, 1, 1, 1, 1, 0};
    hdf5::Writer writer(folder / "cases.h5");
    writer.write<float>("c0/raw", kRow, std::vector<float>(10));
    writer.write<std::uint8_t>("c0/label", kRow, truth);
    writer.write<std::uint8_t>("c0/valid", kRow, mask);
    writer.close();
    fs::create_directories(folds.predictions(0));
    hdf5::Writer output(folds.predictions(0) / "c0.h5");
    output.write<std::uint8_t>("predictions", kRow.with_batch(1), predicted);
    output.close();
    folder.write("out/fold_0/validation/checkpoint.json", R"({"step": 7})");
    json["data"] = {
        {"train",
         {{"files", "cases.h5"}, {"input", "*/raw"}, {"target", "*/label"}, {"mask", "*/valid"}}},
        {"patch", Json::object()}};
    json["model"] = parse_json(R"({"input": {"channels": 1, "size": 1}, "layers": [
        {"type": "Conv3D", "out_channels": 3, "kernel_size": 1}]})",
                               "model");
    json["loss"] = {{"type", "CrossEntropyLoss"}, {"ignore_index", 9}};
    json.erase("metrics");
  }

  std::optional<Json> choose(bool goes_on = true) const {
    const RunConfig run = config();
    const FoldCases cases(run.data.train);
    return validated_rules({folds, splits, cases, run}, [=] { return goes_on; });
  }

  const FoldFolder folds{folder / "out"};
  const FoldSplits splits{{{}, {"c0"}}};
};

}  // namespace

TEST_CASE("rules are chosen by voxels that count, of components that the whole prediction has") {
  const PredictedCase f;
  const Json chosen = *f.choose();
  // Of class 1 a voxel, of which the truth says 1, and two more beyond a gap count.
  CHECK(chosen["before"]["mean"] == Json{{"1", {{"Dice", 1.0}}}});
  CHECK(chosen["steps"][1]["rules"]["keep_largest"] == Json{1});
  CHECK(chosen["steps"][1]["after"]["mean"]["1"]["Dice"] == 2.0 / (1 + 3));
  CHECK(chosen["rules"] == nullptr);
  CHECK(chosen["folds"] == parse_json(R"([{"step": 7}])", "folds"));
  CHECK(chosen == read_json_file(f.folds.postprocessing()));
}

TEST_CASE("rules are chosen once for the same predictions, and again for others") {
  const PredictedCase f;
  Json known = *f.choose();
  known["connectivity"] = 5;  // which no choice says
  f.folder.write("out/postprocessing.json", json_text(known));
  CHECK(f.choose() == known);
  f.folder.write("out/fold_0/validation/checkpoint.json", R"({"step": 8})");
  CHECK((*f.choose())["connectivity"] == 26);
  f.folder.write("out/postprocessing.json", "{\"rules\":");  // as no program has left it
  CHECK((*f.choose())["connectivity"] == 26);
}

TEST_CASE("a choice that is stopped writes nothing") {
  const PredictedCase f;
  CHECK_FALSE(f.choose(false));
  CHECK_FALSE(fs::exists(f.folds.postprocessing()));
}

}  // namespace lucid::test
