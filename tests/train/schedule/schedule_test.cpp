#include "train/schedule/schedule.h"

#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "support/approx.h"
#include "support/from_text.h"
#include "support/golden.h"
using namespace lucid;
using namespace lucid::test;

namespace {
constexpr std::int64_t kEpochs = 10;

std::unique_ptr<Schedule> read_schedule(JsonObject& object) { return make_schedule(object, {}); }

std::vector<double> rates_of_epochs(const std::string& text, std::int64_t epochs = kEpochs) {
  const auto schedule = from_text(text, "/scheduler", read_schedule);
  std::vector<double> found;
  for (std::int64_t at = 0; at < epochs; ++at)
    found.push_back(schedule->rate(schedule->base_rate(1), {.at = at, .length = epochs}));
  return found;
}

struct ScheduleError {
  const char *config, *error;
};
constexpr ScheduleError kScheduleErrors[] = {
    {R"({"type": "StepLr2"})",
     "2: a.json: /scheduler/type: no scheduler 'StepLr2'; did you mean 'StepLR'? known: "
     "CosineAnnealingLR, ExponentialLR, LinearLR, MultiStepLR, OneCycleLR, PolynomialLR, "
     "ReduceLROnPlateau, SequentialLR, StepLR"},
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
    {R"({"type": "MultiStepLR"})",
     "2: a.json: /scheduler/milestones: expected a list of increasing integers >= 1, found []"},
    {R"({"type": "MultiStepLR", "milestones": [0, 3]})",
     "2: a.json: /scheduler/milestones: expected a list of increasing integers >= 1, found "
     "[0,3]"},
    {R"({"type": "MultiStepLR", "milestones": [3], "gamma": -1})",
     "2: a.json: /scheduler/gamma: expected a number >= 0, found -1"},
    {R"({"type": "ExponentialLR"})",
     "2: a.json: /scheduler: expected the key 'gamma' (a number >= 0), found none"},
    {R"({"type": "PolynomialLR", "total_iters": "all"})",
     "2: a.json: /scheduler/total_iters: expected an integer >= 1, found 'all'"},
    {R"({"type": "PolynomialLR", "power": 0})",
     "2: a.json: /scheduler/power: expected a number > 0, found 0"},
    {R"({"type": "ReduceLROnPlateau", "mode": "low"})",
     "2: a.json: /scheduler/mode: expected one of min, max, found 'low'"},
    {R"({"type": "ReduceLROnPlateau", "threshold_mode": "relative"})",
     "2: a.json: /scheduler/threshold_mode: expected one of rel, abs, found 'relative'"},
    {R"({"type": "ReduceLROnPlateau", "factor": 1})",
     "2: a.json: /scheduler/factor: expected a number >= 0 and < 1, found 1"},
    {R"({"type": "ReduceLROnPlateau", "patience": -1})",
     "2: a.json: /scheduler/patience: expected an integer >= 0, found -1"},
    {R"({"type": "ReduceLROnPlateau", "cooldown": -1})",
     "2: a.json: /scheduler/cooldown: expected an integer >= 0, found -1"},
    {R"({"type": "ReduceLROnPlateau", "threshold": -1})",
     "2: a.json: /scheduler/threshold: expected a number >= 0, found -1"},
    {R"({"type": "ReduceLROnPlateau", "min_lr": -1})",
     "2: a.json: /scheduler/min_lr: expected a number >= 0, found -1"},
    {R"({"type": "ReduceLROnPlateau", "eps": -1})",
     "2: a.json: /scheduler/eps: expected a number >= 0, found -1"},
    {R"({"type": "OneCycleLR", "max_lr": -1})",
     "2: a.json: /scheduler/max_lr: expected a number >= 0, found -1"},
    {R"({"type": "OneCycleLR", "total_steps": 0})",
     "2: a.json: /scheduler/total_steps: expected an integer >= 1, found 0"},
    {R"({"type": "OneCycleLR", "pct_start": 2})",
     "2: a.json: /scheduler/pct_start: expected a number >= 0 and <= 1, found 2"},
    {R"({"type": "OneCycleLR", "anneal_strategy": "cosine"})",
     "2: a.json: /scheduler/anneal_strategy: expected one of cos, linear, found 'cosine'"},
    {R"({"type": "OneCycleLR", "div_factor": 0})",
     "2: a.json: /scheduler/div_factor: expected a number > 0, found 0"},
    {R"({"type": "OneCycleLR", "final_div_factor": 0})",
     "2: a.json: /scheduler/final_div_factor: expected a number > 0, found 0"},
    {R"({"type": "OneCycleLR", "base_momentum": 1})",
     "2: a.json: /scheduler/base_momentum: expected a number >= 0 and < 1, found 1"},
    {R"({"type": "OneCycleLR", "max_momentum": -1})",
     "2: a.json: /scheduler/max_momentum: expected a number >= 0 and < 1, found -1"},
    {R"({"type": "OneCycleLR", "three_phase": 1})",
     "2: a.json: /scheduler/three_phase: expected true or false, found 1"},
    {R"({"type": "OneCycleLR", "epochs": 3})",
     "2: a.json: /scheduler/epochs: expected null (the only value supported), found 3"},
    {R"({"type": "SequentialLR", "schedulers": [{"type": "OneCycleLR"}]})",
     "2: a.json: /scheduler/schedulers/0/type: OneCycleLR cannot be part of SequentialLR: it is "
     "a whole run's"},
    {R"({"type": "SequentialLR", "schedulers": [{"type": "ReduceLROnPlateau"}]})",
     "2: a.json: /scheduler/schedulers/0/type: ReduceLROnPlateau cannot be part of "
     "SequentialLR, as in PyTorch"},
    {R"({"type": "SequentialLR", "milestones": [1]})",
     "2: a.json: /scheduler: expected the key 'schedulers' (a list of objects, at least one), "
     "found none"},
    {R"({"type": "SequentialLR", "schedulers": [{"type": "LinearLR"}, {"type": "LinearLR"}]})",
     "2: a.json: /scheduler/milestones: expected 1 increasing integers >= 1, one fewer than "
     "schedulers, found []"},
    {R"({"type": "SequentialLR", "milestones": [3, 3], "schedulers": [{"type": "LinearLR"},
        {"type": "LinearLR"}, {"type": "LinearLR"}]})",
     "2: a.json: /scheduler/milestones: expected 2 increasing integers >= 1, one fewer than "
     "schedulers, found [3,3]"},
    {R"({"type": "SequentialLR", "milestones": [2], "schedulers": [{"type": "LinearLR"},
        {"type": "StepLR", "step_size": 0}]})",
     "2: a.json: /scheduler/schedulers/1/step_size: expected an integer >= 1, found 0"},
};

}  // namespace

TEST_CASE("schedules agree with PyTorch at every point") {
  const Json golden = read_golden("training.json")["schedules"];
  const auto length = golden["length"].get<std::int64_t>();
  for (const Json& row : golden["cases"]) {
    const std::string config = json_text(row["config"]);
    CAPTURE(config);
    const auto schedule = from_json(row["config"], "/scheduler", read_schedule);
    const double base = schedule->base_rate(golden["lr"].get<double>());
    std::vector<double> found, momenta;
    for (std::int64_t at = 0; at < length; ++at) {
      found.push_back(schedule->rate(base, {.at = at, .length = length}));
      if (const auto momentum = schedule->momentum({.at = at, .length = length}))
        momenta.push_back(*momentum);
    }
    // PyTorch updates the rate step by step; ours are closed forms.
    CHECK(found == approx(doubles(row["rates"])).within(1e-12, 1e-15));
    CHECK(momenta == approx(doubles(row.value("momenta", Json::array()))).within(1e-12));
  }
}

TEST_CASE("ReduceLROnPlateau agrees with PyTorch after every epoch, in two groups") {
  const Json golden = read_golden("training.json")["plateaus"];
  const std::vector<double> factors = doubles(golden["lr_factors"]);
  for (const Json& row : golden["cases"]) {
    const std::string config = json_text(row["config"]);
    CAPTURE(config);
    const auto schedule = from_json(row["config"], "/scheduler", read_schedule);
    PlateauState state;
    std::vector<double> found;
    for (const double value : doubles(row["values"])) {
      schedule->watch(value, state);
      for (const double factor : factors)
        found.push_back(
            schedule->rate(golden["lr"].get<double>() * factor, {.reductions = state.reductions}));
    }
    CHECK(found == approx(doubles(row["rates"])).within(1e-12, 1e-15));
  }
}

TEST_CASE("a plateau is of what is better for the monitored value, unless mode says so") {
  const auto reductions = [](const char* config, ScheduleContext context) {
    const auto schedule = from_text(
        config, "/scheduler", [&](JsonObject& object) { return make_schedule(object, context); });
    PlateauState state;
    for (const double value : {0.1, 0.2, 0.3, 0.4}) schedule->watch(value, state);
    return state.reductions;
  };
  CHECK(reductions(R"({"type": "ReduceLROnPlateau", "patience": 0})", {}) == 3);
  CHECK(reductions(R"({"type": "ReduceLROnPlateau", "patience": 0})", {.higher_is_better = true}) ==
        0);
  CHECK(reductions(R"({"type": "ReduceLROnPlateau", "patience": 0, "mode": "min"})",
                   {.higher_is_better = true}) == 3);
}

TEST_CASE("a cycle by hand, and beyond its end") {
  const std::string cycle = R"({"type": "OneCycleLR", "anneal_strategy": "linear", "pct_start": 0.5,
      "div_factor": 10, "final_div_factor": 1, "cycle_momentum": false)";
  CHECK(rates_of_epochs(cycle + R"(, "total_steps": 6, "max_lr": 2})", 8) ==
        approx({0.2, 1.1, 2, 1.4, 0.8, 0.2, 0.2, 0.2}).within(1e-15));
  CHECK(rates_of_epochs(cycle + "}", 1) == approx({0.1}).within(1e-15));     // a run of one step
  CHECK(rates_of_epochs(cycle + "}", 2) == approx({1, 0.1}).within(1e-15));  // no step to rise in
}

TEST_CASE("total_iters auto is the run's length") {
  CHECK(rates_of_epochs(R"({"type": "PolynomialLR", "total_iters": "auto", "power": 2})", 4) ==
        approx({1, 0.5625, 0.25, 0.0625}).within(1e-15));
}

TEST_CASE("a constant schedule keeps the rate") {
  CHECK(constant_schedule()->rate(0.25, {}) == 0.25);
  CHECK(constant_schedule()->rate(0.25, {.at = 1000}) == 0.25);
}

TEST_CASE("a linear warm-up by hand") {
  CHECK(rates_of_epochs(
            R"({"type": "LinearLR", "start_factor": 0.5, "end_factor": 0, "total_iters": 2})", 4) ==
        approx({0.5, 0.25, 0, 0}).within(1e-15));
}

TEST_CASE("T_max defaults to the epochs of the run") {
  CHECK(rates_of_epochs(R"({"type": "CosineAnnealingLR"})") ==
        rates_of_epochs(R"({"type": "CosineAnnealingLR", "T_max": 10})"));
  CHECK(from_text(R"({"type": "CosineAnnealingLR"})", "/scheduler", read_schedule)->rate(1, {}) ==
        1);
}

TEST_CASE("T_max after a warm-up defaults to the epochs that remain") {
  const std::string before = R"({"type": "SequentialLR", "milestones": [3], "schedulers": [
      {"type": "LinearLR", "total_iters": 3}, {"type": "CosineAnnealingLR")";
  CHECK(rates_of_epochs(before + "}]}") == rates_of_epochs(before + R"(, "T_max": 7}]})"));
}

TEST_CASE("sequences may hold sequences") {
  const std::string step = R"({"type": "StepLR", "step_size": 1, "gamma": 0.5})";
  const std::string inner =
      R"({"type": "SequentialLR", "milestones": [2], "schedulers": [)" + step + "," + step + "]}";
  CHECK(rates_of_epochs(R"({"type": "SequentialLR", "milestones": [1], "schedulers": [)" + step +
                            "," + inner + "]}",
                        5) == std::vector<double>{1, 1, 0.5, 1, 0.5});
}

TEST_CASE("a sequence of one schedule is that schedule") {
  const std::string step = R"({"type": "StepLR", "step_size": 2})";
  CHECK(rates_of_epochs(R"({"type": "SequentialLR", "schedulers": [)" + step + "]}") ==
        rates_of_epochs(step));
}

TEST_CASE("PyTorch's other arguments of schedules are accepted at their defaults") {
  CHECK(rates_of_epochs(
            R"({"type": "StepLR", "step_size": 2, "last_epoch": -1, "verbose": false})") ==
        rates_of_epochs(R"({"type": "StepLR", "step_size": 2})"));
}

TEST_CASE("a mistake in a schedule is told where it stands") {
  for (const ScheduleError& row : kScheduleErrors) {
    CAPTURE(row.config);
    CHECK(error_of([&] { from_text(row.config, "/scheduler", read_schedule); }) == row.error);
  }
}
