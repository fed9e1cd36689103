#include <doctest/doctest.h>

#include <cmath>

#include "support/experiment.h"
#include "support/from_text.h"

namespace lucid {
namespace {

using test::Experiment;
using test::snapshot;

bool can_run() {
  if (precision_error(Precision::kBfloat16).empty()) return true;
  MESSAGE("skipped: ", precision_error(Precision::kBfloat16));
  return false;
}

double last_loss(const Experiment& experiment, const std::string& run) {
  return experiment.metrics(run, "epoch").back()["train"]["loss"];
}

}  // namespace

TEST_CASE("train.precision says what products read, and the run's files say so") {
  if (!can_run()) return;
  Experiment experiment;
  experiment.json["train"]["epochs"] = 2;
  experiment.json["optimizer"]["lr"] = 0.01;
  experiment.train("float");
  experiment.json["train"]["precision"] = "bfloat16";
  experiment.train("bfloat");
  CHECK(experiment.saved_config("float")["train"]["precision"] == "float32");
  CHECK(experiment.saved_config("bfloat")["train"]["precision"] == "bfloat16");
  const double exact = last_loss(experiment, "float"), rounded = last_loss(experiment, "bfloat");
  CHECK(rounded != exact);
  CHECK(std::abs(rounded - exact) < 0.02 * exact);
}

TEST_CASE("the same seed gives the same bits in bfloat16, stopped and resumed too") {
  if (!can_run()) return;
  Experiment experiment;
  experiment.json["train"]["precision"] = "bfloat16";
  experiment.json["train"]["epochs"] = 4;
  experiment.train("straight");
  experiment.train("again");
  const auto wanted = snapshot(experiment.last("straight"));
  CHECK(snapshot(experiment.last("again")) == wanted);
  experiment.train("stopped", test::stop_after(5));
  experiment.resume("stopped", {});
  CHECK(snapshot(experiment.last("stopped")) == wanted);
}

}  // namespace lucid
