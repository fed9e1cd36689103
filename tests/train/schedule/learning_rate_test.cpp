#include "train/schedule/learning_rate.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "support/approx.h"
#include "support/from_text.h"

using namespace lucid;
using namespace lucid::test;

namespace {

constexpr RunLength kLength{.epochs = 4, .steps_per_epoch = 3};

LearningRate learning_rate(const std::string& text) {
  return from_text(text, "/scheduler",
                   [](JsonObject& object) { return read_learning_rate(object, 1, {}); });
}

// Returns the rate of every step of a run of 12 steps.
std::vector<double> rates(const std::string& text, const RunLength& length = kLength) {
  const LearningRate rate = learning_rate(text);
  std::vector<double> found;
  for (std::int64_t step = 0; step < 12; ++step)
    found.push_back(rate.rate(1, {.epoch = step / length.steps_per_epoch, .step = step}, length));
  return found;
}

}  // namespace

TEST_CASE("schedules count epochs, or steps where the unit says so") {
  const std::string half = R"({"type": "ExponentialLR", "gamma": 0.5)";
  CHECK(rates(half + "}") ==
        std::vector<double>{1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125, 0.125, 0.125});
  CHECK(rates(half + R"(, "unit": "epoch"})") == rates(half + "}"));
  const auto by_step = rates(half + R"(, "unit": "step"})");
  CHECK(by_step[3] == 0.125);
  CHECK(by_step[11] == 1.0 / 2048);
}

TEST_CASE("the run's length is counted in the schedule's unit") {
  const std::string line = R"({"type": "PolynomialLR", "total_iters": "auto")";
  CHECK(rates(line + "}")[3] == 0.75);
  CHECK(rates(line + R"(, "unit": "step"})")[3] == 0.75);
  CHECK(rates(line + R"(, "unit": "step"})",
              {.epochs = 4, .steps_per_epoch = 3, .max_steps = 6})[3] == 0.5);
}

TEST_CASE("OneCycleLR counts steps unless told otherwise") {
  const std::string cycle = R"({"type": "OneCycleLR", "cycle_momentum": false)";
  CHECK(rates(cycle + "}") == rates(cycle + R"(, "unit": "step", "total_steps": 12})"));
  CHECK(rates(cycle + R"(, "unit": "epoch"})")[1] == rates(cycle + R"(, "unit": "epoch"})")[0]);
}

TEST_CASE("a warm-up alone is followed by a constant rate") {
  CHECK(rates(R"({"warmup": {"steps": 4, "start_factor": 0.2}})") ==
        approx({0.2, 0.4, 0.6, 0.8, 1, 1, 1, 1, 1, 1, 1, 1}).within(1e-15));
  CHECK(rates(R"({"warmup": {"epochs": 2, "start_factor": 0.5}})") ==
        approx({0.5, 0.5, 0.5, 0.75, 0.75, 0.75, 1, 1, 1, 1, 1, 1}).within(1e-15));
  CHECK(rates(R"({"warmup": {"steps": 2}})")[0] == doctest::Approx(1.0 / 3));
}

TEST_CASE("a warm-up is PyTorch's LinearLR before the schedule, whatever the schedule") {
  const std::string warm_up = R"({"type": "LinearLR", "start_factor": 0.25, "total_iters": 2})";
  for (const std::string unit : {"step", "epoch"})
    for (const std::string schedule :
         {R"("type": "ExponentialLR", "gamma": 0.5)", R"("type": "StepLR", "step_size": 1)",
          R"("type": "PolynomialLR", "total_iters": "auto")", R"("type": "CosineAnnealingLR")"}) {
      CAPTURE(unit);
      CAPTURE(schedule);
      const std::string by = R"(, "unit": ")" + unit + "\"";
      CHECK(rates("{" + schedule + by + R"(, "warmup": {")" + unit +
                  R"(s": 2, "start_factor": 0.25}})") ==
            approx(rates(R"({"type": "SequentialLR", "milestones": [2], "schedulers": [)" +
                         warm_up + ", {" + schedule + "}]" + by + "}"))
                .within(1e-15));
    }
}

TEST_CASE("a warm-up in another unit than the schedule's takes the whole units it fills") {
  // 4 steps fill one epoch of 3: the schedule's second epoch is the run's third.
  CHECK(rates(R"({"type": "ExponentialLR", "gamma": 0.5,
                  "warmup": {"steps": 4, "start_factor": 0.5}})") ==
        approx({0.5, 0.625, 0.75, 0.875, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25}).within(1e-15));
  CHECK(rates(R"({"type": "ExponentialLR", "gamma": 0.5, "unit": "step",
                  "warmup": {"epochs": 1, "start_factor": 0.5}})")[4] == 0.5);
}

TEST_CASE("a warm-up starts from the first rate of a cycle") {
  const auto found = rates(R"({"type": "OneCycleLR", "div_factor": 10, "cycle_momentum": false,
                               "warmup": {"steps": 2, "start_factor": 0.5}})");
  CHECK(found[0] == doctest::Approx(0.05));
  CHECK(found[2] == doctest::Approx(0.1));
  CHECK(rates(R"({"type": "OneCycleLR", "div_factor": 10, "cycle_momentum": false,
                  "warmup": {"steps": 20, "start_factor": 0.5}})")[10] == doctest::Approx(0.075));
}

TEST_CASE("groups have their share of a rate, and of a cycle's") {
  const LearningRate constant(2.0);
  CHECK(constant.rate(0.5, {}, kLength) == 1);
  const LearningRate cycle = learning_rate(R"({"type": "OneCycleLR", "max_lr": 50})");
  CHECK(cycle.rate(0.5, {}, kLength) == doctest::Approx(1));
  CHECK(cycle.cycles_momentum());
  CHECK(*cycle.momentum({}, kLength) == doctest::Approx(0.95));
  CHECK_FALSE(constant.cycles_momentum());
}

TEST_CASE("a plateau is not watched while the run warms up") {
  const LearningRate rate =
      learning_rate(R"({"type": "ReduceLROnPlateau", "patience": 0, "warmup": {"epochs": 2}})");
  PlateauState state;
  for (std::int64_t epoch = 0; epoch < 4; ++epoch) rate.watch(epoch, 1, kLength, state);
  CHECK(state.reductions == 1);
}

TEST_CASE("a mistake in a schedule's unit or warm-up is told where it stands") {
  struct Row {
    const char *config, *error;
  };
  const Row kRows[] = {
      {R"({})", "2: a.json: /scheduler: expected the key 'type' (a string), found none"},
      {R"({"type": "StepLR", "step_size": 1, "unit": "batch"})",
       "2: a.json: /scheduler/unit: expected one of step, epoch, found 'batch'"},
      {R"({"type": "ReduceLROnPlateau", "unit": "step"})",
       "2: a.json: /scheduler/unit: expected 'epoch' with ReduceLROnPlateau, which looks at the "
       "monitored value once an epoch, found 'step'"},
      {R"({"warmup": {}})",
       "2: a.json: /scheduler/warmup: expected one of the keys 'steps' and 'epochs', found "
       "neither"},
      {R"({"warmup": {"steps": 1, "epochs": 1}})",
       "2: a.json: /scheduler/warmup: expected one of the keys 'steps' and 'epochs', found both"},
      {R"({"warmup": {"steps": 0}})",
       "2: a.json: /scheduler/warmup/steps: expected an integer from 1 to 1099511627776, found "
       "0"},
      {R"({"warmup": {"epochs": 1.5}})",
       "2: a.json: /scheduler/warmup/epochs: expected an integer from 1 to 1099511627776, found "
       "1.5"},
      {R"({"warmup": {"epochs": 1, "start_factor": 0}})",
       "2: a.json: /scheduler/warmup/start_factor: expected a number > 0 and <= 1, found 0"},
      {R"({"warmup": {"epochs": 1, "end_factor": 1}})",
       "2: a.json: /scheduler/warmup/end_factor: unknown key; known: steps, epochs, start_factor"},
      {R"({"warmup": 3})", "2: a.json: /scheduler/warmup: expected an object, found 3"},
      {R"({"type": "SequentialLR", "schedulers": [{"type": "LinearLR", "unit": "step"}]})",
       "2: a.json: /scheduler/schedulers/0/unit: unknown key; known: last_epoch, verbose, type, "
       "start_factor, end_factor, total_iters"},
  };
  for (const Row& row : kRows) {
    CAPTURE(row.config);
    CHECK(error_of([&] { learning_rate(row.config); }) == row.error);
  }
}
