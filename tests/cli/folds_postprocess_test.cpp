#include <doctest/doctest.h>

#include <chrono>
#include <thread>

#include "base/text.h"
#include "cli/chosen_folds.h"

namespace lucid::test {
namespace {

namespace fs = std::filesystem;

double dice(const ClassLabels& predicted, const ClassLabels& truth, std::uint8_t label) {
  double both = 0, all = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    if (predicted[i] == label && truth[i] == label) both += 2;
    all += (predicted[i] == label ? 1 : 0) + (truth[i] == label ? 1 : 0);
  }
  return both / all;
}

template <class Predicted>
double mean_dice(const Predicted& predicted, std::uint8_t label) {
  double sum = 0;
  for (int number = 0; number < kFoldCases; ++number)
    sum += dice(predicted(number), truth_of(number), label);
  return sum / kFoldCases;
}

// What is left of a prediction if the false voxels of class 1 are removed.
ClassLabels cleaned_of(int number) {
  ClassLabels labels = predicted_of(number);
  fill_box(labels, {5, 5, 6}, {6, 6, 10}, 0);
  return labels;
}

// What is left if the largest component of all classes is kept: class 1.
ClassLabels foreground_of(int number) {
  ClassLabels labels = cleaned_of(number);
  for (std::uint8_t& label : labels) label = label == 2 ? 0 : label;
  return labels;
}

const std::vector<std::string> kResume{"--resume", "out", "--threads", "1", "--quiet"};

}  // namespace

TEST_CASE("lucid-train: postprocessing that validation chose is written with its Dice") {
  const ChosenFolds f;
  f.replace("out", predicted_of);
  const ProgramResult result = f.train("all", "out");
  REQUIRE(result.code == 0);
  const double class1 = mean_dice(predicted_of, 1), cleaned = mean_dice(cleaned_of, 1);
  const Json chosen = f.read("out/postprocessing.json");
  CHECK(chosen["rules"] == kClass1);
  CHECK(chosen["connectivity"] == 26);
  CHECK(chosen["before"]["mean"]["1"]["Dice"].get<double>() == doctest::Approx(class1));
  CHECK(chosen["before"]["mean"]["2"]["Dice"] == 1);
  CHECK(chosen["after"]["mean"]["1"]["Dice"].get<double>() == doctest::Approx(cleaned));
  REQUIRE(chosen["steps"].size() == 3);
  CHECK(chosen["steps"][0]["rules"]["keep_largest"] == "foreground");
  CHECK(chosen["steps"][0]["is_kept"] == false);
  CHECK(chosen["steps"][0]["after"]["mean"]["1"]["Dice"].get<double>() ==
        doctest::Approx(mean_dice(foreground_of, 1)));
  CHECK(chosen["steps"][0]["after"]["mean"]["2"]["Dice"] == 0);
  CHECK(chosen["steps"][1]["is_kept"] == true);
  CHECK(chosen["steps"][1]["before"] == chosen["before"]);
  CHECK(chosen["steps"][2]["is_kept"] == false);
  CHECK(chosen["steps"][2]["before"] == chosen["after"]);
  // Parts of 16 and of 12 voxels: the larger one alone is left.
  CHECK(chosen["steps"][2]["after"]["mean"]["2"]["Dice"].get<double>() ==
        doctest::Approx(2 * 16.0 / (16 + 28)));
  const Json summary = f.read("out/summary.json");
  CHECK(summary["foreground_mean"]["Dice"] == chosen["before"]["foreground_mean"]["Dice"]);
  CHECK(summary["mean"]["1"]["Dice"] == chosen["before"]["mean"]["1"]["Dice"]);
  CHECK(summary["postprocess"]["rules"] == kClass1);
  CHECK(summary["postprocess"]["mean"] == chosen["after"]["mean"]);
  CHECK(summary["postprocess"]["foreground_mean"]["Dice"].get<double>() ==
        doctest::Approx((cleaned + 1) / 2));
  CHECK(result.out.find("postprocessing chosen by validation: keep-largest=1: foreground Dice " +
                        fixed_value_text((class1 + 1) / 2, 4) + " -> " +
                        fixed_value_text((cleaned + 1) / 2, 4) + "\n") != std::string::npos);
  check_rules(f, "out", kClass1);
}

TEST_CASE("lucid-train: postprocessing that does not help any more is removed") {
  const ChosenFolds f;
  f.replace("out", predicted_of);
  REQUIRE(f.train("all", "out").code == 0);
  check_rules(f, "out", kClass1);
  const std::string before = read_text(f / "out/summary.json");
  const auto time = fs::last_write_time(f.checkpoints("out")[0]);
  REQUIRE(f.train("all", "out").code == 0);  // nothing is left to do
  CHECK(read_text(f / "out/summary.json") == before);
  CHECK(fs::last_write_time(f.checkpoints("out")[0]) == time);
  f.replace("out", truth_of);
  const ProgramResult result = f.train("2", "out");
  REQUIRE(result.code == 0);
  CHECK_FALSE(fs::exists(f / "out/summary.json"));  // which waits for the other folds
  const ProgramResult all = f.train("all", "out");
  REQUIRE(all.code == 0);
  CHECK(all.out.find("postprocessing: no largest component alone is better") != std::string::npos);
  CHECK(f.read("out/summary.json")["postprocess"]["rules"] == nullptr);
  check_rules(f, "out", nullptr);
}

TEST_CASE("lucid-train: killed while postprocessing is chosen, folds hold the same bytes") {
  const ChosenFolds f;
  f.replace("out", predicted_of);
  for (const char* other : {"killed", "together"}) f.copy(other);
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  REQUIRE(f.train("all", "out").code == 0);
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  Rng rng(3, "kills");
  for (int i = 0; i < 12; ++i) {
    Program program("lucid-train", Folds::arguments("all", "killed"), {.cwd = f.folder.path()});
    std::this_thread::sleep_for(std::chrono::duration<double>(rng.uniform() * seconds));
    program.signal(SIGKILL);
    program.finish();
    for (const fs::path& path : f.checkpoints("killed")) CHECK_NOTHROW(CheckpointFile{path});
  }
  REQUIRE(f.train("all", "killed").code == 0);
  {
    std::vector<std::unique_ptr<Program>> programs;
    for (const char* fold : {"0", "1", "2"})
      programs.push_back(std::make_unique<Program>(
          "lucid-train", Folds::arguments(fold, "together"), RunOptions{.cwd = f.folder.path()}));
    for (const auto& program : programs) CHECK(program->finish().code == 0);
  }
  for (const std::string other : {"killed", "together"}) {
    for (const char* file : {"/summary.json", "/postprocessing.json"})
      CHECK(read_text(f / (other + file)) == read_text(f / (std::string("out") + file)));
    for (std::size_t i = 0; i < 6; ++i)
      CHECK(read_text(f.checkpoints(other)[i]) == read_text(f.checkpoints("out")[i]));
    for (const auto& entry : fs::recursive_directory_iterator(f / other))
      CHECK(entry.path().string().find("unfinished") == std::string::npos);
  }
}

TEST_CASE("lucid-train: folds with rules in their checkpoints go on, and choose again") {
  const ChosenFolds f;
  f.replace("out", predicted_of);
  REQUIRE(f.train("all", "out").code == 0);
  REQUIRE(run_in(f.folder, {"info", "out/fold_0/checkpoints/best.h5"}).code == 0);
  std::vector<std::string> longer = kResume;
  longer.insert(longer.end(), {"--set", "train.max_steps=4"});
  const ProgramResult result = train_in(f.folder, longer);
  CAPTURE(result.err);
  REQUIRE(result.code == 0);
  CHECK(CheckpointFile(f.checkpoints("out")[0]).integer("step") == 4);
  check_rules(f, "out", f.read("out/postprocessing.json")["rules"]);
  CHECK(f.read("out/postprocessing.json")["folds"][1] ==
        f.read("out/fold_1/validation/checkpoint.json"));
}

TEST_CASE("lucid-train: what folds predict is left as the network says it") {
  const ChosenFolds f;
  f.replace("out", predicted_of);
  REQUIRE(f.train("all", "out").code == 0);
  check_rules(f, "out", kClass1);
  fs::remove_all(f / "out/fold_0/validation");
  REQUIRE(f.train("0", "out").code == 0);
  REQUIRE(run_program("lucid-infer",
                      {"--checkpoint", "out/fold_0/checkpoints/best.h5", "--input", "cases.h5",
                       "--dataset", "c3/raw", "--activation", "argmax", "--postprocess", "none",
                       "--output", "raw.h5", "--threads", "1", "--quiet", "--overwrite"},
                      {.cwd = f.folder.path()})
              .code == 0);
  CHECK(f.predictions("out/fold_0/validation/c3.h5") == f.predictions("raw.h5"));
}

}  // namespace lucid::test
