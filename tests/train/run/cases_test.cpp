#include <doctest/doctest.h>

#include <cmath>

#include "data/hdf5/h5_files.h"
#include "train/run/case_runs.h"
#include "train/validation.h"

// What runs tell of single validation cases.
namespace lucid::test {
namespace {

namespace fs = std::filesystem;

double mean_of(const Json& cases, const std::string& name) {
  double sum = 0;
  for (const Json& each : cases) sum += each[name].get<double>();
  return sum / static_cast<double>(cases.size());
}

// Measures the validation cases of a network as it begins.
CaseMeasurements measured(const Experiment& experiment, int batch_size) {
  Json json = experiment.json;
  json["data"]["batch_size"] = batch_size;
  Session session(read_run_config(json, "a.json", experiment.folder.path()), 1);
  session.resolve_auto();
  Validation validation(session);
  validation.run(Experiment::never);
  return validation.measured_cases();
}

}  // namespace

TEST_CASE("cases.json tells of each sample in the best epoch, with target and prediction") {
  Experiment experiment;
  experiment.json["train"]["epochs"] = 3;
  experiment.train("run");
  const Json json = cases_of(experiment, "run");
  Json best;
  for (const Json& event : experiment.metrics("run", "epoch"))
    if (event["best"]) best = event;
  CHECK(json["epoch"] == best["epoch"]);
  CHECK(json["step"] == best["step"]);
  CHECK(json["ranked_by"] == "loss");
  CHECK(json["count"] == 7);
  REQUIRE(json["cases"].size() == 7);
  const Json& last = json["cases"][6];
  CHECK(last["case"] == "validation_6");
  CHECK(last["samples"] == 1);
  CHECK(last["target"] == 0);
  CHECK(last["accuracy"] == (last["target"] == last["prediction"] ? 1 : 0));
  CHECK(mean_of(json["cases"], "loss") ==
        doctest::Approx(best["validation"]["loss"].get<double>()).epsilon(1e-12));
  CHECK(mean_of(json["cases"], "accuracy") ==
        doctest::Approx(best["validation"]["accuracy"].get<double>()).epsilon(1e-12));
}

TEST_CASE("cases of voxels have the values of single classes, but for those of a set alone") {
  Voxels experiment;
  experiment.json["train"]["monitor"] = "validation.dice";
  experiment.train("run");
  const Json json = cases_of(experiment, "run");
  CHECK(json["ranked_by"] == "dice");
  std::vector<std::string> keys;
  for (const auto& [key, value] : json["cases"][0].items()) keys.push_back(key);
  CHECK(keys == std::vector<std::string>{"case", "samples", "loss", "accuracy", "dice", "dice_0",
                                         "dice_1", "dice_2"});
}

TEST_CASE("a monitored value that cases do not have ranks them by their loss") {
  Voxels experiment;
  experiment.json["train"]["monitor"] = "validation.auc";
  experiment.train("run");
  CHECK(cases_of(experiment, "run")["ranked_by"] == "loss");
}

TEST_CASE("the values of cases do not depend on the batch size") {
  for (const bool is_of_voxels : {false, true}) {
    const Experiment labels;
    const Voxels voxels;
    const Experiment& experiment = is_of_voxels ? voxels : labels;
    const CaseMeasurements wanted = measured(experiment, 1);
    for (const int batch_size : {2, 5, 7, 100}) {
      CAPTURE(batch_size);
      const CaseMeasurements found = measured(experiment, batch_size);
      CHECK(found.cases == wanted.cases);
      REQUIRE(found.values.size() == wanted.values.size());
      for (std::size_t i = 0; i < wanted.values.size(); ++i)
        if (!std::isnan(wanted.values[i]))
          CHECK(found.values[i] == doctest::Approx(wanted.values[i]).epsilon(1e-5));
    }
  }
}

TEST_CASE("a case whose labels are all ignored has no values, and is not ranked") {
  Voxels experiment;
  auto values = hdf5::File(experiment / "validation.h5").open("voxels").read<double>();
  std::fill_n(values.begin() + 2 * 216, 216, -100);
  store(experiment / "validation.h5", "sparse", {{7, 6, 6, 6}, values, H5T_STD_I16LE});
  experiment.json["data"]["validation"]["target"] = "sparse";
  experiment.train("run");
  const Json json = cases_of(experiment, "run");
  CHECK(json["cases"][2]["loss"].is_null());
  CHECK(json["cases"][2]["dice"].is_null());
  CHECK(json["cases"][3]["loss"].is_number());
  const CaseMeasurements found = measured(experiment, 5);
  CHECK(ranked_rows(found, "loss", false).size() == 6);
}

TEST_CASE("a run without a validation set has no cases") {
  Experiment experiment;
  experiment.json["data"].erase("validation");
  experiment.train("run");
  CHECK_FALSE(fs::exists(RunFolder(experiment / "run").cases()));
}

}  // namespace lucid::test
