#include "support/golden.h"

#include <doctest/doctest.h>

#include "infer/infer.h"
#include "paths.h"
#include "store/checkpoint.h"
#include "support/approx.h"
#include "support/experiment.h"

// tests/golden/checkpoint_v1.h5 was written by `lucid-train --epochs 2` of the first release for
// the network below; checkpoint_v1.json holds its predictions.
namespace lucid {
namespace {

std::string golden_file() {
  return std::string(LUCID_SOURCE_DIR) + "/tests/golden/checkpoint_v1.h5";
}

Json golden_experiment(test::Experiment& experiment) {
  experiment.json["name"] = "golden";
  experiment.json["seed"] = 7;
  experiment.json["data"]["normalize"] = "auto";
  experiment.json["optimizer"] = {{"type", "Adam"}, {"lr", 0.01}};
  return experiment.json;
}

std::vector<float> predictions(const std::string& checkpoint, const test::Experiment& experiment) {
  InferOptions options;
  options.checkpoints = {checkpoint};
  options.inputs = {(experiment / "validation.h5").string()};
  options.output = experiment / "predictions.h5";
  options.may_overwrite = true;
  options.threads = 1;
  infer(options, [](std::int64_t, std::int64_t) { return true; });
  return hdf5::File(options.output).open("predictions").read<float>();
}

}  // namespace

TEST_CASE("a checkpoint of format version 1 predicts what it did when it was written") {
  const test::Experiment experiment;
  const auto expected = test::floats(test::read_golden("checkpoint_v1.json"));
  CHECK(predictions(golden_file(), experiment) == test::approx(expected).within(1e-5, 1e-6));
}

TEST_CASE("a run of format version 1 can be resumed") {
  test::Experiment experiment;
  const Json json = golden_experiment(experiment);
  const RunFolder run(experiment / "run");
  run.create();
  std::filesystem::copy(golden_file(), run.last_checkpoint());
  const CheckpointFile checkpoint(run.last_checkpoint());
  CHECK(checkpoint.config()["model"] == json["model"]);
  const std::string files = "=" + (experiment / "train.h5").string();
  const EndEvent end = experiment.resume(
      "run",
      {.assignments = {"data.train.files" + files, "data.validation.files" + files}, .epochs = 3});
  CHECK(end.status == RunStatus::kFinished);
  CHECK(end.step == 9);
}

}  // namespace lucid
