#include "train/tensorboard/tensorboard_log.h"

#include <doctest/doctest.h>

#include "support/event_reader.h"
#include "support/experiment.h"
#include "train/report/run_log.h"

namespace lucid {
namespace {

using test::EventValue;
using test::Experiment;

struct TensorBoardRun {
  TensorBoardRun() {
    experiment.json["train"]["epochs"] = 3;
    experiment.json["train"]["log_every"] = 2;
  }

  std::vector<EventValue> train(const std::string& name, std::int64_t histograms_every) {
    Session session(experiment.config(), 1);
    const RunFolder run(experiment / name);
    run.create();
    RunLog log(run, 2, session.validation_columns());
    TensorBoardLog events(run, session.config().json, session.engine(),
                          session.model().parameters(),
                          {.log_every = 2, .histograms_every = histograms_every});
    Trainer(session, run, Experiment::never).run({&log, &events});
    return test::kept_values(experiment / name);
  }

  Experiment experiment;
};

std::vector<std::int64_t> steps(const std::map<std::int64_t, EventValue>& values) {
  std::vector<std::int64_t> all;
  for (const auto& [step, value] : values) all.push_back(step);
  return all;
}

}  // namespace

TEST_CASE("scalars of TensorBoard are the values of metrics.jsonl") {
  TensorBoardRun r;
  const auto values = r.train("run", 0);
  std::map<std::int64_t, float> losses, train, validation, accuracy;
  for (const Json& event : r.experiment.metrics("run", "step"))
    losses[event["step"]] = event["loss"].get<float>();
  for (const Json& event : r.experiment.metrics("run", "epoch")) {
    train[event["step"]] = event["train"]["loss"].get<float>();
    validation[event["step"]] = event["validation"]["loss"].get<float>();
    accuracy[event["step"]] = event["validation"]["accuracy"].get<float>();
  }
  CHECK(train.size() == 3);
  CHECK(test::scalars_of(values, "step/loss") == losses);
  CHECK(test::scalars_of(values, "train/loss") == train);
  CHECK(test::scalars_of(values, "validation/loss") == validation);
  CHECK(test::scalars_of(values, "validation/accuracy") == accuracy);
  CHECK(test::scalars_of(values, "epoch/number") ==
        std::map<std::int64_t, float>{{3, 1.0F}, {6, 2.0F}, {9, 3.0F}});
}

TEST_CASE("histograms have every element of each trained parameter and its gradient") {
  TensorBoardRun r;
  r.experiment.json["train"]["freeze"] = {"*bias"};
  const auto values = r.train("run", 3);
  Session session(r.experiment.config(), 1);
  int found = 0;
  for (const Parameter& parameter : session.model().parameters())
    for (const std::string kind : {"weights/", "gradients/"}) {
      const auto histograms = test::of_tag(values, kind + parameter.name);
      CAPTURE(parameter.name);
      CHECK(steps(histograms) == (parameter.is_trained() ? std::vector<std::int64_t>{3, 9}
                                                         : std::vector<std::int64_t>{}));
      for (const auto& [step, value] : histograms) {
        CHECK(test::wire_field(value.histogram, 3).as_double() ==
              static_cast<double>(parameter.shape.count()));
        ++found;
      }
    }
  CHECK(found >= 8);
}

TEST_CASE("a histogram of weights is that of the checkpoint's") {
  TensorBoardRun r;
  const auto values = r.train("run", 3);
  const auto snapshot = test::snapshot(r.experiment.last("run"));
  int found = 0;
  for (const auto& [name, array] : snapshot.arrays) {
    const std::string mark = "parameters/";
    const auto at = name.find(mark);
    if (at == std::string::npos) continue;
    double sum = 0;
    for (const float value : array) sum += static_cast<double>(value);
    const auto histograms = test::of_tag(values, "weights/" + name.substr(at + mark.size()));
    CHECK(test::wire_field(histograms.at(9).histogram, 4).as_double() ==
          doctest::Approx(sum).epsilon(1e-12));
    ++found;
  }
  CHECK(found >= 2);
}

TEST_CASE("a run is the same to the bit with TensorBoard's files") {
  TensorBoardRun r;
  r.train("with", 1);
  r.experiment.train("without");
  CHECK(test::snapshot(r.experiment.last("with")) == test::snapshot(r.experiment.last("without")));
}

TEST_CASE("TensorBoard's files of two equal runs differ in times alone") {
  TensorBoardRun r;
  auto one = r.train("one", 1), two = r.train("two", 1);
  for (auto* values : {&one, &two})
    std::erase_if(*values, [](const EventValue& v) { return v.tag.starts_with("speed/"); });
  CHECK(one.size() > 20);
  CHECK(one == two);
}

}  // namespace lucid
