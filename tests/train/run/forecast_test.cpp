#include "train/measure/forecast.h"

#include <doctest/doctest.h>

#include "support/experiment.h"

namespace lucid {
namespace {

using test::Experiment;

// 12 samples to train on, 7 to validate.
Forecast of(const Experiment& experiment) {
  Session session(experiment.config(), 1);
  return forecast(session, 0);
}

std::vector<float> first_parameter(Session& session) {
  return session.model().parameters().begin()->value.plain_values(session.engine());
}

}  // namespace

TEST_CASE("a forecast counts the steps of an epoch and the epochs of a run") {
  Experiment experiment;
  experiment.json["train"]["epochs"] = 7;
  experiment.json["data"]["batch_size"] = 5;
  Forecast found = of(experiment);
  CHECK(found.epochs == 7);
  CHECK(found.steps == 3);
  CHECK(found.step_seconds > 0);
  CHECK(found.validation_seconds > 0);
  CHECK(found.start_seconds > 0);
  CHECK(found.validation_samples == 7);
  CHECK(found.epoch_seconds() == 3 * found.step_seconds + found.validation_seconds);
  experiment.json["train"]["accumulate"] = 2;
  CHECK(of(experiment).steps == 2);
  experiment.json["train"]["max_steps"] = 5;
  CHECK(of(experiment).epochs == 3);
  experiment.json["data"].erase("validation");
  CHECK(of(experiment).validation_seconds == 0);
  CHECK(of(experiment).validation_samples == 0);
}

TEST_CASE("a forecast leaves parameters as they are, with weight decay and momentum too") {
  Experiment experiment;
  experiment.json["optimizer"] = {
      {"type", "SGD"}, {"lr", 0.5}, {"momentum", 0.9}, {"weight_decay", 0.1}};
  Session session(experiment.config(), 1);
  const std::vector<float> before = first_parameter(session);
  forecast(session, 0);
  CHECK(first_parameter(session) == before);
}

}  // namespace lucid
