#include "train/config/folds_config.h"

#include <doctest/doctest.h>

#include "support/experiment.h"
#include "support/from_text.h"

namespace lucid::test {
namespace {

// Returns the config of an experiment with this train.folds, without a validation set.
RunConfig config(Experiment& experiment, const std::string& folds) {
  experiment.json["data"].erase("validation");
  experiment.json["train"]["folds"] = parse_json(folds, "folds");
  return experiment.config();
}

std::string error(const std::string& folds) {
  Experiment experiment;
  return error_of([&] { config(experiment, folds); });
}

}  // namespace

TEST_CASE("folds have nnU-Net's defaults, and validate") {
  Experiment experiment;
  const RunConfig read = config(experiment, "{}");
  CHECK(read.train.folds->count == 5);
  CHECK(read.train.folds->seed == 12345);
  CHECK(read.train.folds->predicts_best);
  CHECK_FALSE(read.train.folds->predicts_flips);
  CHECK(read.train.monitor == "validation.loss");
  CHECK(json_text(read.json["train"]["folds"]) ==
        R"({"count":5,"seed":12345,"checkpoint":"best","tta":"none"})");
}

TEST_CASE("folds are read as they are given") {
  Experiment experiment;
  const RunConfig dealt = config(
      experiment, R"({"count": 3, "seed": 4294967295, "checkpoint": "last", "tta": "flips"})");
  CHECK(dealt.train.folds->count == 3);
  CHECK(dealt.train.folds->seed == 4294967295U);
  CHECK_FALSE(dealt.train.folds->predicts_best);
  CHECK(dealt.train.folds->predicts_flips);
  CHECK(dealt.json["train"]["folds"]["tta"] == "flips");
  experiment.folder.write("s.json", "[]");
  const RunConfig listed = config(experiment, R"({"file": "s.json"})");
  CHECK(listed.train.folds->file == (experiment / "s.json").string());
  CHECK(listed.json["train"]["folds"]["file"] == listed.train.folds->file);
}

TEST_CASE("keys of folds are checked") {
  CHECK(error(R"({"count": 1})") ==
        "2: a.json: /train/folds/count: expected an integer from 2 to 1000000, found 1");
  CHECK(error(R"({"seed": 4294967296})") ==
        "2: a.json: /train/folds/seed: expected an integer from 0 to 4294967295, found 4294967296");
  CHECK(error(R"({"checkpoint": "first"})") ==
        "2: a.json: /train/folds/checkpoint: expected one of best, last, found 'first'");
  CHECK(error(R"({"tta": "w"})") ==
        "2: a.json: /train/folds/tta: expected one of none, flips, found 'w'");
  CHECK(error(R"({"file": ""})") ==
        "2: a.json: /train/folds/file: expected the path of a file, found ''");
  CHECK(error(R"({"file": "none.json"})") ==
        "2: a.json: /train/folds/file: expected an existing file, found 'none.json'");
  CHECK(error(R"({"file": "train.h5", "count": 3})") ==
        "2: a.json: /train/folds/count: expected none beside 'file', which lists the splits");
  CHECK(error(R"({"cuont": 3})") ==
        "2: a.json: /train/folds/cuont: unknown key; did you mean 'count'?");
}

TEST_CASE("folds go without a validation set") {
  Experiment experiment;
  experiment.json["train"]["folds"] = Json::object();
  CHECK(error_of([&] { experiment.config(); }) ==
        "2: a.json: /data/validation: expected none beside train.folds, which hold cases of "
        "data.train out; remove one of the two");
}

TEST_CASE("a set has each of its cases once") {
  Experiment experiment;
  experiment.json["data"]["train"]["cases"] = {"train_1", "train_0", "train_1"};
  CHECK(error_of([&] { experiment.config(); }) ==
        "2: a.json: /data/train/cases: duplicate case 'train_1'; remove one of the two");
}

}  // namespace lucid::test
