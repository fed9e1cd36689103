#include "runs/sweep.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "runs/sweep_folder.h"
#include "support/temp_dir.h"

namespace lucid {
namespace {

Sweep sweep_of(const std::string& text, std::int64_t samples = 3) {
  return {Json::parse(text), "s.json", samples};
}

std::vector<std::string> names_of(const Sweep& sweep) {
  std::vector<std::string> names;
  for (const SweepRun& run : sweep.runs()) names.push_back(run.name);
  return names;
}

Run run_of(const std::vector<double>& accuracies, const std::string& state = "interrupted") {
  Run run;
  run.state = state;
  run.config = {{"metrics", {"accuracy"}}, {"train", {{"monitor", "validation.accuracy"}}}};
  for (const double value : accuracies)
    run.epochs.push_back({.epoch = std::ssize(run.epochs) + 1,
                          .step = 1,
                          .values = {{"validation.accuracy", value}}});
  return run;
}

}  // namespace

TEST_CASE("grids and seeds are combined, the last one fastest") {
  const Sweep sweep = sweep_of(R"({"optimizer": {"lr": {"$grid": [0.5, 1e-3]}},
      "seed": {"$seeds": 2}, "train": {"epochs": 3}})");
  CHECK(names_of(sweep) == std::vector<std::string>{"lr=0.5_seed=0", "lr=0.5_seed=1",
                                                    "lr=0.001_seed=0", "lr=0.001_seed=1"});
  CHECK(sweep.runs()[2].assignments() == std::vector<std::string>{"optimizer.lr=0.001", "seed=0"});
  CHECK(sweep.experiment(sweep.runs()[1]) ==
        Json{{"optimizer", {{"lr", 0.5}}}, {"seed", 1}, {"train", {{"epochs", 3}}}});
}

TEST_CASE("a choice may stand in a list and be of any type, and names tell keys apart") {
  const Sweep sweep = sweep_of(R"({"model": {"layers": [{"size": {"$grid": [1, [2, 3]]}}]},
      "data": {"size": {"$grid": ["a b/c"]}}})");
  CHECK(names_of(sweep) ==
        std::vector<std::string>{"0.size=1_data.size=a-b-c", "0.size=-2-3-_data.size=a-b-c"});
  CHECK(sweep.experiment(sweep.runs()[1])["model"]["layers"][0]["size"] == Json{2, 3});
  CHECK(sweep.runs()[1].assignments() ==
        std::vector<std::string>{"model.layers.0.size=[2,3]", R"(data.size="a b/c")"});
}

TEST_CASE("draws depend on the seed, the key and their number alone, and lie in their range") {
  const std::string text =
      R"({"seed": 7, "a": {"$uniform": [-2, 3]}, "b": {"$log": [1e-5, 1e-1]}, "c": {"$choice": ["x", "y"]}})";
  const Sweep sweep = sweep_of(text, 400);
  REQUIRE(sweep.runs().size() == 400);
  double below_root = 0, sum = 0, of_x = 0;
  for (const SweepRun& run : sweep.runs()) {
    const double a = run.values[0].second, b = run.values[1].second;
    CHECK((a >= -2 && a <= 3));
    CHECK((b >= 1e-5 && b <= 1e-1));
    sum += a;
    below_root += b < 1e-3 ? 1 : 0;
    of_x += run.values[2].second == "x" ? 1 : 0;
  }
  CHECK(std::abs(sum / 400 - 0.5) < 0.25);        // four deviations of such a mean: 0.29
  CHECK(std::abs(below_root / 400 - 0.5) < 0.1);  // ... 0.1
  CHECK(std::abs(of_x / 400 - 0.5) < 0.1);
  const Sweep few = sweep_of(text, 2);
  for (std::size_t i = 0; i < 2; ++i) CHECK(few.runs()[i].values == sweep.runs()[i].values);
  std::string other = text;
  other.replace(other.find('7'), 1, "8");
  CHECK(sweep_of(other, 2).runs()[0].values != few.runs()[0].values);
}

TEST_CASE("draws are taken with every combination of grids, and equal names get a number") {
  const Sweep sweep = sweep_of(R"({"a": {"$choice": [1]}, "b": {"$grid": [1, 2]}})", 2);
  CHECK(names_of(sweep) ==
        std::vector<std::string>{"a=1_b=1", "a=1_b=2", "a=1_b=1-2", "a=1_b=2-2"});
}

TEST_CASE("mistakes in choices are all told at once, with their places") {
  CHECK_THROWS_WITH_AS(
      sweep_of(R"({"a": {"$gird": [1]}, "b": {"$grid": []}, "c": {"$log": [0, 1]},
                   "d": {"$uniform": [2, 1]}, "e": {"$seeds": 2}, "seed": {"$seeds": 0},
                   "f": {"$grid": [1, 2, 1]}})"),
      "s.json: /a: no choice '$gird'; did you mean '$grid'? known: $grid, $choice, $uniform, $log, "
      "$seeds\n"
      "s.json: /b/$grid: expected a list of at least one value, found []\n"
      "s.json: /c/$log: expected two numbers, the lower one first and above 0, found [0,1]\n"
      "s.json: /d/$uniform: expected two numbers, the lower one first, found [2,1]\n"
      "s.json: /e/$seeds: expected $seeds in the place of /seed alone\n"
      "s.json: /seed/$seeds: expected a count of seeds from 1 to 10000, found 0\n"
      "s.json: /f/$grid/2: expected another value than before, found 1",
      Error);
  CHECK_THROWS_AS(sweep_of(R"({"seed": 1})"), Error);
  CHECK_THROWS_AS(
      sweep_of(R"({"seed": {"$seeds": 10000}, "a": {"$grid": [1,2,3,4,5,6,7,8,9,10,11]}})"), Error);
}

TEST_CASE("halving goes on with fewer runs for more epochs, and ends with whole runs") {
  using Epochs = std::vector<std::int64_t>;
  CHECK(halving_epochs(9, 27, 3) == Epochs{3, 9, 27});
  CHECK(halving_epochs(12, 9, 3) == Epochs{1, 3, 9});
  CHECK(halving_epochs(2, 10, 2) == Epochs{5, 10});
  CHECK(halving_epochs(1, 10, 2) == Epochs{10});
  CHECK(halving_epochs(100, 1, 3) == Epochs{1});
}

TEST_CASE("the best runs survive by what they reached until then") {
  using Kept = std::vector<std::size_t>;
  const std::vector<std::optional<Run>> runs{run_of({0.5, 0.25, 1}),      run_of({0.25, 0.75}),
                                             run_of({0.5, 0.5}),          std::nullopt,
                                             run_of({0.875}, "diverged"), run_of({std::nan("")})};
  CHECK(survivors(runs, 2, 2) == Kept{0, 1});  // not the epoch behind, and the first of equal ones
  CHECK(survivors(runs, 3, 1) == Kept{0});
  CHECK(survivors(runs, 1, 2) == Kept{0, 4});
  CHECK(survivors(runs, 2, 9) == Kept{0, 1, 2});
  CHECK(survivors({std::nullopt}, 2, 1).empty());
}

TEST_CASE("a run of a sweep is done at its end, or at the epoch that was asked for") {
  CHECK_FALSE(is_done(std::nullopt, {}));
  CHECK_FALSE(is_done(run_of({1, 1}), {}));
  CHECK_FALSE(is_done(run_of({1, 1}), 3));
  CHECK(is_done(run_of({1, 1}), 2));
  for (const char* state : {"finished", "early_stopping", "diverged"})
    CHECK(is_done(run_of({1}, state), {}));
}

TEST_CASE("the folder of a sweep takes no other sweep") {
  const test::TempDir temp;
  const SweepFolder folder(temp.path());
  folder.keep({{"seed", 1}}, 3);
  folder.keep({{"seed", 1}}, 3);
  CHECK_THROWS_AS(folder.keep({{"seed", 2}}, 3), Error);
  CHECK_THROWS_AS(folder.keep({{"seed", 1}}, 4), Error);
}

}  // namespace lucid
