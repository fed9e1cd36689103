#include <doctest/doctest.h>

#include <limits>

#include "base/file.h"
#include "data/hdf5/write.h"
#include "ranks/local_ranks.h"
#include "support/run_content.h"
#include "support/run_program.h"
#include "support/storm_experiments.h"
#include "train/run/case_runs.h"
#include "train/validation.h"

// Ranks predict parts of the validation set, and a run has what it has on one.
namespace lucid {
namespace {

using test::Experiment;
using test::ProgramResult;
using test::Voxels;

ProgramResult train(const Experiment& experiment, const std::string& run, int ranks) {
  experiment.write_config();
  return test::run_program("lucid-train",
                           {"--config", "a.json", "--output", run, "--threads", "1", "--quiet",
                            "--ranks", std::to_string(ranks)},
                           {.cwd = experiment.folder.path()});
}

// Compares all that runs of 1 and of some ranks leave, pictures included. Draws all that can be.
void compare(Experiment& experiment, std::initializer_list<int> counts) {
  experiment.json["train"]["epochs"] = 2;
  experiment.json["train"]["shards"] = 4;
  experiment.json["train"]["preview"] = {{"every", 1}, {"cases", 3}};
  const ProgramResult alone = train(experiment, "alone", 1);
  REQUIRE(alone.code == 0);
  const auto pictures = test::files_in(experiment / "alone/previews");
  CHECK(pictures.size() >= 3);
  for (const int ranks : counts) {
    CAPTURE(ranks);
    const std::string run = "ranks" + std::to_string(ranks);
    const ProgramResult result = train(experiment, run, ranks);
    CHECK(result.err == alone.err);
    REQUIRE(result.code == 0);
    CHECK(test::difference(test::run_content(experiment / "alone"),
                           test::run_content(experiment / run)) == "");
    CHECK(test::read_text(experiment / run / "cases.json") ==
          test::read_text(experiment / "alone" / "cases.json"));
    for (const std::string& picture : pictures) {
      CAPTURE(picture);
      CHECK(test::read_text(experiment / run / "previews" / picture) ==
            test::read_text(experiment / "alone" / "previews" / picture));
    }
  }
}

}  // namespace

TEST_CASE("lucid-train: ranks validate voxels as one does, ignored labels and all metrics") {
  Voxels experiment;  // 4 validation batches, the last of which is smaller
  experiment.json["data"]["batch_size"] = 2;
  experiment.json["loss"] = parse_json(
      R"([{"type": "CrossEntropyLoss", "ignore_index": 1}, {"type": "DiceLoss", "ignore_index": 1}])",
      "loss");
  experiment.json["metrics"] = {"accuracy", "dice",      "iou", "f1",
                                "recall",   "precision", "auc", "confusion"};
  experiment.json["train"]["monitor"] = "validation.dice";
  compare(experiment, {2, 3, 4});
}

TEST_CASE("lucid-train: ranks validate classes as one does, more of them than batches, too") {
  Experiment experiment;  // 2 validation batches
  experiment.json["metrics"] =
      parse_json(R"(["accuracy", "auc", "confusion", "dice", {"type": "top_k", "k": 2}])", "test");
  experiment.json["train"]["monitor"] = "validation.auc";
  compare(experiment, {2, 4});
}

TEST_CASE("lucid-train: ranks validate values as one does") {
  Experiment experiment;
  experiment.json["data"]["batch_size"] = 3;
  for (const char* set : {"train", "validation"}) experiment.json["data"][set]["target"] = "values";
  experiment.json["model"]["layers"].back()["out_features"] = 2;
  experiment.json["loss"] = {{"type", "MSELoss"}};
  experiment.json["metrics"] = {"mae", "mse", "psnr", "r2"};
  experiment.json["train"]["ema"] = {{"decay", 0.5}};
  compare(experiment, {2, 3});
}

TEST_CASE("lucid-train: ranks validate patches as one does, in cases of several") {
  Experiment experiment;
  test::use_everything_on_patches(experiment);
  experiment.json["data"]["batch_size"] = 4;
  experiment.json["metrics"] = {"dice", "auc"};
  compare(experiment, {2, 3});
}

TEST_CASE("lucid-train: of several faults in validation ranks tell that of the first sample") {
  Experiment experiment;
  experiment.json["data"]["batch_size"] = 1;
  auto values = hdf5::File(experiment / "validation.h5").open("volumes").read<float>();
  for (const std::size_t sample : {3U, 4U, 6U})
    values[sample * 216 + 5] = std::numeric_limits<float>::quiet_NaN();
  hdf5::Writer writer(experiment / "validation.h5");
  writer.write<float>("volumes", {7, 1, 6, 6, 6}, values);
  writer.write<std::uint8_t>("labels", {7}, {{0, 1, 2, 0, 1, 2, 0}});
  writer.close();
  experiment.json["train"]["shards"] = 4;
  experiment.json["data"]["batch_size"] = 2;
  const ProgramResult alone = train(experiment, "run", 1);
  CHECK(alone.code == 4);
  CHECK(alone.err.find("sample 3") != std::string::npos);
  for (const int ranks : {2, 4}) {
    CAPTURE(ranks);
    std::filesystem::remove_all(experiment / "run");
    const ProgramResult several = train(experiment, "run", ranks);
    CHECK(several.code == alone.code);
    CHECK(several.err == alone.err);
    CHECK(experiment.metrics("run").back()["status"] == "diverged");
  }
}

TEST_CASE("a stop that one rank asks for within validation ends it on all after the same batch") {
  Experiment experiment;
  experiment.json["data"]["batch_size"] = 1;
  const auto validate = [&](Ranks& ranks) {
    Session session(experiment.config(), 1);
    session.resolve_auto();
    Validation validation(session, ranks);
    int questions = 0;
    const auto stop = [&] {
      ++questions;
      return ranks.any(ranks.rank() == 2 && questions == 2);
    };
    const bool is_stopped = !validation.run(stop);
    if (!is_stopped || questions != 2) throw Error(ExitCode::kFailed, "it went on");
    // The next one is whole: every rank has all cases.
    if (!validation.run(Experiment::never) || validation.measured_cases().cases.size() != 7)
      throw Error(ExitCode::kFailed, "a case is missing");
    return 0;
  };
  CHECK(run_local_ranks(3, validate, [] { return 0; }) == 0);
}

TEST_CASE("a rank reads the samples of its own batches alone") {
  Experiment experiment;
  experiment.json["data"]["batch_size"] = 1;
  auto values = hdf5::File(experiment / "validation.h5").open("volumes").read<float>();
  values[6 * 216] = std::numeric_limits<float>::quiet_NaN();
  hdf5::Writer writer(experiment / "validation.h5");
  writer.write<float>("volumes", {7, 1, 6, 6, 6}, values);
  writer.write<std::uint8_t>("labels", {7}, {{0, 1, 2, 0, 1, 2, 0}});
  writer.close();
  // By itself but for its share, a rank meets the fault only where the sample is its own.
  class Half : public Ranks {
   public:
    explicit Half(int rank) : rank_(rank) {}
    int rank() const override { return rank_; }
    int size() const override { return 2; }

   private:
    int rank_;
  };
  Session session(experiment.config(), 1);
  session.resolve_auto();
  Half first(0), second(1);
  CHECK_NOTHROW(Validation(session, first).run(Experiment::never));
  CHECK_THROWS_AS(Validation(session, second).run(Experiment::never), Divergence);
}

}  // namespace lucid
