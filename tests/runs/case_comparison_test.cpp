#include "runs/case_comparison.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "runs/comparison.h"
#include "support/experiment.h"
#include "support/temp_dir.h"

namespace lucid {
namespace {

struct RunsWithCases {
  // Writes a run that has not begun an epoch, and its cases unless the text is empty.
  Run run(const std::string& name, const std::string& cases) {
    std::filesystem::create_directories(folder / name);
    folder.write(name + "/config.json",
                 json_text(Json{{"metrics", {"dice"}}, {"train", {{"monitor", "train.loss"}}}}));
    folder.write(name + "/metrics.jsonl", "");
    if (!cases.empty()) folder.write(name + "/cases.json", cases);
    Run read = read_run(folder / name);
    return read;
  }
  test::TempDir folder;
};

const std::string kFirst = R"({"epoch": 3, "step": 12, "ranked_by": "dice", "cases": [
  {"case": "a", "samples": 2, "loss": 0.5, "dice": 0.5, "dice_1": null},
  {"case": "b", "samples": 2, "loss": 1, "dice": 0.25, "dice_1": 0.5},
  {"case": "c", "samples": 2, "loss": 2, "dice": 0.75, "dice_1": 0.5},
  {"case": "gone", "samples": 2, "loss": 2, "dice": 0.75, "dice_1": 0.5}], "pictures": []})";
const std::string kSecond = R"({"epoch": 5, "step": 20, "ranked_by": "loss", "cases": [
  {"case": "c", "samples": 2, "loss": 1, "dice": 0.75, "iou": 1, "dice_1": 0.25},
  {"case": "b", "samples": 2, "loss": 0.5, "dice": 0.5, "iou": 1, "dice_1": 0.75},
  {"case": "a", "samples": 2, "loss": 0.25, "dice": 0.25, "iou": 1, "dice_1": 0.5}]})";

}  // namespace

TEST_CASE("cases of two runs are paired by name, and better means what the metric says") {
  RunsWithCases f;
  const CaseComparison comparison({f.run("a", kFirst), f.run("b", kSecond)});
  CHECK(comparison.text() == R"(
validation cases, #2 (epoch 5) minus #1 (epoch 3): 3 shared of 4
1 case of #1 is missing in #2: 'gone'
value   n     mean   median  better  equal  worse     p  Wilcoxon
loss    3  -0.5833  -0.5000       3      0      0  0.25  exact
dice    3   0.0000   0.0000       1      1      1     1  normal
dice_1  2   0.0000   0.0000       1      0      1     1  normal
)");
  const Json json = comparison.json();
  REQUIRE(json["pairs"].size() == 1);
  CHECK(json["pairs"][0]["epochs"] == Json{3, 5});
  CHECK(json["pairs"][0]["only_first"] == Json{"gone"});
  const Json dice = json["pairs"][0]["values"]["dice"];
  CHECK(dice["n"] == 3);
  CHECK(dice["wins"] == 1);
  CHECK(dice["ties"] == 1);
  CHECK(dice["losses"] == 1);
  CHECK(dice["method"] == "normal");
  CHECK(json["pairs"][0]["values"]["dice_1"]["n"] == 2);  // one is not defined
  CHECK_FALSE(json["pairs"][0]["values"].contains("iou"));
  CHECK_FALSE(json["pairs"][0]["values"].contains("samples"));
}

TEST_CASE("the median of an even number of differences is the mean of the middle two") {
  const PairedValue value = paired("loss", {4, 1, 2, 9}, false);
  CHECK(value.median == 3);
  CHECK(value.mean == 4);
  CHECK(value.losses == 4);
  CHECK(paired("dice", {4, 1, 2, 9}, true).wins == 4);
  CHECK_FALSE(paired("dice", {0, 0}, true).test.p);
}

TEST_CASE("runs without cases are compared as before, and named beside one that has some") {
  RunsWithCases f;
  CHECK(CaseComparison({f.run("a", ""), f.run("b", "")}).text().empty());
  CHECK(CaseComparison({f.run("c", kFirst), f.run("b", "")}).text() == "\n#2 has no cases.json\n");
  const CaseComparison three({f.run("c", kFirst), f.run("b", ""), f.run("d", kSecond)});
  CHECK(three.json()["pairs"].size() == 1);
  CHECK(three.json()["pairs"][0]["run"] == (f.folder / "d").string());
}

TEST_CASE("damaged or foreign cases are named, and the rest is compared and shown") {
  RunsWithCases f;
  const std::string damage[] = {kFirst.substr(0, 90),
                                "[]",
                                "{\"cases\": 3}",
                                "\x01",
                                R"({"epoch": 1, "ranked_by": "loss", "cases": [{"loss": 1}]})",
                                R"({"epoch": "1", "ranked_by": "loss", "cases": []})"};
  for (const std::string& text : damage) {
    INFO(text);
    const std::vector<Run> runs{f.run("a", kFirst), f.run("b", text), f.run("c", kSecond)};
    const std::string expected =
        (f.folder / "b/cases.json").string() +
        ": expected the cases of a run, with 'epoch', 'ranked_by' and 'cases', found something "
        "else; it is damaged, or of another program";
    CHECK_THROWS_WITH_AS(read_run_cases(runs[1].folder), expected.c_str(), Error);
    const RunComparison comparison(runs, {});
    CHECK(comparison.text(20).find(expected + "\n") != std::string::npos);
    CHECK(comparison.json()["cases"]["notes"] == Json{expected});
    CHECK(comparison.json()["cases"]["pairs"].size() == 1);
    CHECK(run_text(runs[1]).find(expected + "\n") != std::string::npos);
    CHECK(find_runs({f.folder.path()}).runs.size() == 3);
  }
}

TEST_CASE("the cases that a training writes are read back") {
  test::Experiment experiment;
  experiment.train("run");
  const auto cases = read_run_cases(experiment / "run");
  REQUIRE(cases);
  CHECK(cases->cases.size() == 7);
  CHECK(cases->count == 7);
  REQUIRE(cases->find("validation_3"));
  CHECK(cases->find("validation_3")->values.size() == 2);  // loss and accuracy
  CHECK(cases->find("validation_7") == nullptr);
}

TEST_CASE("a run is shown with its worst and best case") {
  RunsWithCases f;
  const std::string text = run_text(f.run("a", kFirst));
  CHECK(text.find("cases           4 of epoch 3; worst by dice b 0.2500, best gone 0.7500\n") !=
        std::string::npos);
}

}  // namespace lucid
