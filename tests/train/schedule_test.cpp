#include "train/schedule.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "support/approx.h"
#include "support/from_text.h"
#include "support/golden.h"

using namespace lucid;
using namespace lucid::test;

namespace {

constexpr std::int64_t kEpochs = 10;

auto schedule_maker(std::int64_t epochs) {
  return [epochs](JsonObject& object) { return make_schedule(object, epochs); };
}

std::vector<double> rates(const std::string& text, std::int64_t epochs = kEpochs) {
  const auto schedule = from_text(text, "/scheduler", schedule_maker(epochs));
  std::vector<double> found;
  for (std::int64_t epoch = 0; epoch < epochs; ++epoch) found.push_back(schedule->rate(1, epoch));
  return found;
}

}  // namespace

TEST_CASE("schedules agree with PyTorch in every epoch") {
  const Json golden = read_golden("objective.json")["schedules"];
  const auto epochs = golden["epochs"].get<std::int64_t>();
  for (const Json& row : golden["cases"]) {
    const std::string config = json_text(row["config"]);
    CAPTURE(config);
    const auto schedule = from_json(row["config"], "/scheduler", schedule_maker(epochs));
    std::vector<double> found;
    for (std::int64_t epoch = 0; epoch < epochs; ++epoch)
      found.push_back(schedule->rate(golden["lr"].get<double>(), epoch));
    // PyTorch multiplies its way from epoch to epoch; ours are closed forms.
    CHECK(found == approx(doubles(row["rates"])).within(1e-12, 1e-15));
  }
}

TEST_CASE("a constant schedule keeps the rate") {
  CHECK(constant_schedule()->rate(0.25, 0) == 0.25);
  CHECK(constant_schedule()->rate(0.25, 1000) == 0.25);
}

TEST_CASE("a linear warm-up by hand") {
  CHECK(rates(R"({"type": "LinearLR", "start_factor": 0.5, "end_factor": 0, "total_iters": 2})",
              4) == approx({0.5, 0.25, 0, 0}).within(1e-15));
}

TEST_CASE("T_max defaults to the epochs of the run") {
  CHECK(rates(R"({"type": "CosineAnnealingLR"})") ==
        rates(R"({"type": "CosineAnnealingLR", "T_max": 10})"));
  CHECK(
      from_text(R"({"type": "CosineAnnealingLR"})", "/scheduler", schedule_maker(0))->rate(1, 0) ==
      1);
}

TEST_CASE("T_max after a warm-up defaults to the epochs that remain") {
  const std::string before = R"({"type": "SequentialLR", "milestones": [3], "schedulers": [
      {"type": "LinearLR", "total_iters": 3}, {"type": "CosineAnnealingLR")";
  CHECK(rates(before + "}]}") == rates(before + R"(, "T_max": 7}]})"));
}

TEST_CASE("sequences may hold sequences") {
  const std::string step = R"({"type": "StepLR", "step_size": 1, "gamma": 0.5})";
  const std::string inner =
      R"({"type": "SequentialLR", "milestones": [2], "schedulers": [)" + step + "," + step + "]}";
  CHECK(rates(R"({"type": "SequentialLR", "milestones": [1], "schedulers": [)" + step + "," +
                  inner + "]}",
              5) == std::vector<double>{1, 1, 0.5, 1, 0.5});
}

TEST_CASE("a sequence of one schedule is that schedule") {
  const std::string step = R"({"type": "StepLR", "step_size": 2})";
  CHECK(rates(R"({"type": "SequentialLR", "schedulers": [)" + step + "]}") == rates(step));
}

TEST_CASE("PyTorch's other arguments of schedules are accepted at their defaults") {
  CHECK(rates(R"({"type": "StepLR", "step_size": 2, "last_epoch": -1, "verbose": false})") ==
        rates(R"({"type": "StepLR", "step_size": 2})"));
}

TEST_CASE("a mistake in a schedule is told where it stands") {
  struct Row {
    const char *config, *error;
  };
  const Row kRows[] = {
      {R"({"type": "StepLr2"})",
       "2: a.json: /scheduler/type: no scheduler 'StepLr2'; did you mean 'StepLR'? known: "
       "CosineAnnealingLR, LinearLR, SequentialLR, StepLR"},
      {R"({"type": "StepLR"})",
       "2: a.json: /scheduler: expected the key 'step_size' (an integer >= 1), found none"},
      {R"({"type": "StepLR", "step_size": 1, "gamma": -1})",
       "2: a.json: /scheduler/gamma: expected a number >= 0, found -1"},
      {R"({"type": "StepLR", "step_size": 1, "last_epoch": 3})",
       "2: a.json: /scheduler/last_epoch: expected -1 (the only value supported), found 3"},
      {R"({"type": "CosineAnnealingLR", "T_max": 0})",
       "2: a.json: /scheduler/T_max: expected an integer >= 1, found 0"},
      {R"({"type": "CosineAnnealingLR", "eta_min": -0.1})",
       "2: a.json: /scheduler/eta_min: expected a number >= 0, found -0.1"},
      {R"({"type": "LinearLR", "start_factor": 0})",
       "2: a.json: /scheduler/start_factor: expected a number > 0 and <= 1, found 0"},
      {R"({"type": "LinearLR", "end_factor": 2})",
       "2: a.json: /scheduler/end_factor: expected a number >= 0 and <= 1, found 2"},
      {R"({"type": "LinearLR", "total_iters": 0})",
       "2: a.json: /scheduler/total_iters: expected an integer >= 1, found 0"},
      {R"({"type": "SequentialLR", "milestones": [1]})",
       "2: a.json: /scheduler: expected the key 'schedulers' (a list of objects, at least one), "
       "found none"},
      {R"({"type": "SequentialLR", "schedulers": [{"type": "LinearLR"}, {"type": "LinearLR"}]})",
       "2: a.json: /scheduler/milestones: expected 1 increasing epochs >= 1, one fewer than "
       "schedulers, found []"},
      {R"({"type": "SequentialLR", "milestones": [3, 3], "schedulers": [{"type": "LinearLR"},
          {"type": "LinearLR"}, {"type": "LinearLR"}]})",
       "2: a.json: /scheduler/milestones: expected 2 increasing epochs >= 1, one fewer than "
       "schedulers, found [3,3]"},
      {R"({"type": "SequentialLR", "milestones": [2], "schedulers": [{"type": "LinearLR"},
          {"type": "StepLR", "step_size": 0}]})",
       "2: a.json: /scheduler/schedulers/1/step_size: expected an integer >= 1, found 0"},
  };
  for (const Row& row : kRows) {
    CAPTURE(row.config);
    CHECK(error_of([&] { from_text(row.config, "/scheduler", schedule_maker(kEpochs)); }) ==
          row.error);
  }
}
