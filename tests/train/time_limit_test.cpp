#include "train/time_limit.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "support/approx.h"
#include "support/experiment.h"

namespace lucid {
namespace {

using test::Experiment;

TrainConfig limited(double seconds) {
  TrainConfig config;
  config.epochs = 1000;
  config.limit_seconds = seconds;
  return config;
}

// A run after so many epochs of ten seconds.
Progress after(std::int64_t epochs) {
  Progress progress;
  progress.epoch = epochs;
  progress.seconds = 10 * static_cast<double>(epochs);
  progress.epoch_seconds = 10;
  return progress;
}

void note_epoch(Progress& progress, double seconds) {
  ++progress.epoch;
  progress.seconds += seconds;
  progress.epoch_seconds = seconds;
}

// Returns the epochs that a run has planned.
std::int64_t planned_in(const Experiment& experiment, const std::string& run) {
  return *hdf5::File(experiment.last(run)).attribute<std::int64_t>("state", "fitted_epochs");
}

}  // namespace

TEST_CASE("epochs are fitted once, to nearly all of the time that is left") {
  const TrainConfig config = limited(200);
  Progress progress = after(1);
  CHECK(planned_epochs(progress, config) == 1000);
  CHECK(is_to_be_fitted(progress, config));
  CHECK(fit_epochs(progress, config));
  CHECK(planned_epochs(progress, config) == 19);  // 18 epochs fit into 97 % of 190 s
  note_epoch(progress, 5);
  CHECK_FALSE(fit_epochs(progress, config));
  CHECK(planned_epochs(progress, config) == 19);
}

TEST_CASE("no epoch begins that would end after the limit") {
  const TrainConfig config = limited(200);
  Progress progress = after(1);
  fit_epochs(progress, config);
  while (progress.epoch < 15) {
    note_epoch(progress, 12);
    CHECK_FALSE(fit_epochs(progress, config));
  }
  note_epoch(progress, 12);  // 190 s
  CHECK(fit_epochs(progress, config));
  CHECK(planned_epochs(progress, config) == 16);
  CHECK_FALSE(fit_epochs(progress, config));
}

TEST_CASE("a run has at least one epoch, and at most those of its config") {
  Progress slow = after(1), quick = after(1);
  CHECK(fit_epochs(slow, limited(3)));
  CHECK(planned_epochs(slow, limited(3)) == 1);
  CHECK_FALSE(fit_epochs(quick, limited(1e9)));
  CHECK(planned_epochs(quick, limited(1e9)) == 1000);
  TrainConfig unlimited = limited(1);
  unlimited.limit_seconds.reset();
  Progress timeless = after(1);
  CHECK_FALSE(fit_epochs(timeless, unlimited));
  CHECK(planned_epochs(timeless, unlimited) == 1000);
}

TEST_CASE("another limit fits the epochs anew, and time spent before counts") {
  Progress progress = after(1);
  fit_epochs(progress, limited(200));
  while (progress.epoch < 19) note_epoch(progress, 10);
  CHECK(planned_epochs(progress, limited(200)) == 19);
  const TrainConfig longer = limited(400);
  CHECK(planned_epochs(progress, longer) == 1000);
  note_epoch(progress, 10);
  CHECK(fit_epochs(progress, longer));
  CHECK(planned_epochs(progress, longer) == 39);  // 19 epochs fit into 97 % of 200 s
}

TEST_CASE("the first steps of an epoch do not count where it is timed") {
  SteadySteps steps;
  CHECK(steps.seconds(4) == 0);
  steps.add(8);
  CHECK(steps.seconds(4) == 32);  // there is no other
  for (int i = 1; i < 6; ++i) steps.add(8 + i);
  CHECK(steps.seconds(6) == 6);  // of the last three
  for (int i = 6; i < 100; ++i) steps.add(8 + i);
  CHECK(steps.seconds(250) == 250);
}

TEST_CASE("a run with a time limit ends in time, and its schedule spans the epochs that fit") {
  Experiment experiment;
  experiment.json["train"]["epochs"] = 1000000;
  experiment.json["train"]["time_limit"] = {{"minutes", 0.02}};
  experiment.json["scheduler"] = {{"type", "PolynomialLR"}, {"total_iters", "auto"}};
  const EndEvent end = experiment.train("run");
  CHECK(end.status == RunStatus::kFinished);
  CHECK(end.epoch >= 1);
  CHECK(end.epoch < 1000000);
  const std::vector<Json> events = experiment.metrics("run", "time_limit");
  REQUIRE(!events.empty());
  CHECK(events[0]["epoch"] == 1);
  CHECK(events[0]["limit_seconds"].get<double>() == doctest::Approx(1.2));
  CHECK(events.back()["epochs"] == end.epoch);
  const auto planned = events[0]["epochs"].get<double>();
  const std::vector<Json> epochs = experiment.metrics("run", "epoch");
  CHECK(std::ssize(epochs) == end.epoch);
  for (std::size_t i = 1; i < epochs.size(); ++i)
    CHECK(epochs[i]["lr"].get<double>() ==
          doctest::Approx(epochs[0]["lr"].get<double>() * (1 - static_cast<double>(i) / planned)));
  CHECK(planned_in(experiment, "run") == end.epoch);
  CHECK(experiment.resume("run", {}).epoch == end.epoch);
  REQUIRE(experiment.notes.size() == 1);
  CHECK(experiment.notes[0].ends_with("a larger train.time_limit goes on with it"));
}

TEST_CASE("a run that stops and goes on keeps the epochs that were fitted, and its bits") {
  Experiment experiment;
  experiment.json["train"] = {
      {"epochs", 1000000}, {"log_every", 1}, {"time_limit", {{"minutes", 5}}}};
  experiment.json["scheduler"] = {{"type", "CosineAnnealingLR"}, {"unit", "step"}};
  experiment.train("run", test::stop_after(12));
  const std::int64_t planned = planned_in(experiment, "run");
  CHECK(planned > 1);
  std::filesystem::copy(experiment / "run", experiment / "again",
                        std::filesystem::copy_options::recursive);
  experiment.resume("run", {}, test::stop_after(30));
  experiment.resume("again", {}, test::stop_after(7));
  experiment.resume("again", {}, test::stop_after(30));
  const std::vector<Json> steps = experiment.metrics("run", "step"),
                          again = experiment.metrics("again", "step");
  REQUIRE(std::min(steps.size(), again.size()) > 14);
  for (std::size_t i = 0; i < std::min(steps.size(), again.size()); ++i)
    CHECK(steps[i] == again[i]);
  for (const char* run : {"run", "again"}) {
    CHECK(planned_in(experiment, run) == planned);
    CHECK(experiment.metrics(run, "time_limit").size() == 1);
    CHECK(*hdf5::File(experiment.last(run)).attribute<double>("state", "seconds") > 0);
  }
}

TEST_CASE("the checkpoints of runs without a time limit hold no times") {
  Experiment experiment;
  experiment.train("run");
  CHECK_FALSE(hdf5::File(experiment.last("run")).attribute<double>("state", "seconds"));
}

}  // namespace lucid
