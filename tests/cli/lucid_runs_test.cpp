#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "base/rng.h"
#include "runs/run.h"
#include "support/run_content.h"
#include "support/run_program.h"
#include "support/storm_experiments.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;
using test::Experiment;
using test::Program;
using test::ProgramResult;

const std::vector<std::string> kLearningRates{"0.001", "0.01", "0.03"};

// A sweep over learning rates of an experiment that uses all that draws random numbers.
struct Series {
  explicit Series(int epochs = 4) {
    test::use_everything(experiment);
    experiment.json["train"]["epochs"] = epochs;
    Json rates;
    for (const std::string& rate : kLearningRates) rates.push_back(Json::parse(rate));
    Json sweep = experiment.json;
    sweep["optimizer"]["lr"] = {{"$grid", rates}};
    experiment.folder.write("s.json", json_text(sweep));
    experiment.write_config();
  }

  std::vector<std::string> arguments(const std::vector<std::string>& more) const {
    std::vector<std::string> all{"sweep", "s.json", "--output", "series", "--threads", "1"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  ProgramResult sweep(const std::vector<std::string>& more) const {
    return test::run_program("lucid-runs", arguments(more), {.cwd = experiment.folder.path()});
  }
  // What lucid-train alone makes of a learning rate.
  test::RunContent alone(const std::string& rate) const {
    const ProgramResult result =
        test::run_program("lucid-train",
                          {"--config", "a.json", "--set", "optimizer.lr=" + rate, "--output",
                           "alone-" + rate, "--threads", "1", "--quiet"},
                          {.cwd = experiment.folder.path()});
    REQUIRE(result.code == 0);
    return test::run_content(experiment / ("alone-" + rate));
  }
  fs::path of(const std::string& rate) const { return experiment / ("series/lr=" + rate); }

  Experiment experiment;
};

}  // namespace

TEST_CASE("lucid-runs: a sweep that is killed again and again ends as its runs alone would") {
  const Series series;
  Rng rng(1, "sweep storm");
  int kills = 0;
  while (true) {
    Program program("lucid-runs", series.arguments({"--parallel", "2"}),
                    {.cwd = series.experiment.folder.path()});
    if (kills < 10)
      std::this_thread::sleep_for(std::chrono::milliseconds(20 + rng.below(80)));
    else
      program.finish();
    if (!program.is_running()) break;
    program.signal(SIGKILL);
    ++kills;
  }
  MESSAGE("killed ", kills, " times");
  const ProgramResult last = series.sweep({});
  CHECK(last.code == 0);
  CHECK(last.err == "");
  for (const std::string& rate : kLearningRates)
    CHECK(test::difference(series.alone(rate), test::run_content(series.of(rate))) == "");
}

TEST_CASE("lucid-runs: what survives halving equals a run alone, and the others stop early") {
  const Series series;
  const ProgramResult result = series.sweep({"--halving", "2", "--parallel", "2"});
  CHECK(result.code == 0);
  CHECK(result.err.find("3 runs to epoch 1\n") != std::string::npos);
  CHECK(result.err.find("1 run to epoch 4\n") != std::string::npos);
  const ProgramResult list =
      test::run_program("lucid-runs", {"list", "series"}, {.cwd = series.experiment.folder.path()});
  CHECK(list.code == 0);
  CHECK(list.err == "");  // what processes printed is no folder without runs
  std::vector<std::size_t> epochs;
  for (const std::string& rate : kLearningRates) {
    const Run run = read_run(series.of(rate));
    epochs.push_back(run.epochs.size());
    if (run.state == "finished")
      CHECK(test::difference(series.alone(rate), test::run_content(series.of(rate))) == "");
  }
  std::ranges::sort(epochs);
  CHECK(epochs == std::vector<std::size_t>{1, 2, 4});
}

TEST_CASE("lucid-runs: a run that fails is told, and does not end the others") {
  const Series series;
  series.experiment.folder.write("series/lr=0.01", "in the way");
  const ProgramResult result = series.sweep({});
  CHECK(result.code == 1);
  CHECK(result.err.find("lr=0.01: failed with 1: ") != std::string::npos);
  CHECK(result.err.find("failed: lr=0.01: see ") != std::string::npos);
  CHECK(read_run(series.of("0.001")).state == "finished");
  CHECK(read_run(series.of("0.03")).state == "finished");
}

TEST_CASE("lucid-runs: SIGTERM saves what runs, and the same command goes on") {
  const Series series(40);  // so many that the signal comes before their end
  Program program("lucid-runs", series.arguments({}), {.cwd = series.experiment.folder.path()});
  while (program.is_running() && !fs::exists(series.of("0.001") / "metrics.jsonl"))
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  program.signal(SIGTERM);
  CHECK(program.finish().code == 128 + SIGTERM);
  CHECK(read_run(series.of("0.001")).state == "interrupted");
  CHECK_FALSE(fs::exists(series.of("0.03")));
  CHECK(series.sweep({}).code == 0);
  CHECK(read_run(series.of("0.03")).state == "finished");
}

TEST_CASE("lucid-runs: a listed command trains one run, and all of them the sweep") {
  const Series series;
  const ProgramResult list = series.sweep({"--list"});
  CHECK(list.out.find("lucid-runs sweep s.json --output series --only lr=0.01 --samples 10\n") !=
        std::string::npos);
  CHECK(series.sweep({"--only", "lr=0.01"}).code == 0);
  CHECK(read_run(series.of("0.01")).state == "finished");
  CHECK_FALSE(fs::exists(series.of("0.03")));
  CHECK(series.sweep({"--only", "lr=1"}).code == 2);
}

TEST_CASE("lucid-runs: a dry run lists the runs of a sweep with about how long they take") {
  const Series series(9);
  const auto lines_of = [&](std::vector<std::string> options) {
    options.push_back("--dry-run");
    const ProgramResult result = series.sweep(options);
    CHECK(result.code == 0);
    return split(result.out, '\n');
  };
  const std::vector<std::string> lines = lines_of({});
  REQUIRE(lines.size() == 6);
  CHECK(lines[0].starts_with("run"));
  for (std::size_t i = 0; i < 3; ++i)
    CHECK(lines[1 + i].starts_with(std::vector{"lr=0.001", "lr=0.01", "lr=0.03"}[i]));
  CHECK(lines[4].starts_with("3 runs, 27 epochs, about "));
  CHECK(lines[4].ends_with(" with 1 at a time on 1 thread each"));
  CHECK(lines_of({"--halving", "3", "--parallel", "2"})[4].starts_with(
      "3 runs, 15 epochs in place of 27, about "));
  CHECK_FALSE(fs::exists(series.experiment / "series"));
}

TEST_CASE("lucid-train: --until-epoch stops where a resumed run goes on to the same bits") {
  const Series series;
  const auto train = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--threads", "1", "--quiet"});
    return test::run_program("lucid-train", arguments, {.cwd = series.experiment.folder.path()});
  };
  CHECK(train({"--config", "a.json", "--set", "optimizer.lr=0.01", "--output", "r", "--until-epoch",
               "2"})
            .code == 0);
  CHECK(read_run(series.experiment / "r").epochs.size() == 2);
  CHECK(train({"--resume", "r", "--until-epoch", "2"}).code == 2);
  CHECK(train({"--resume", "r"}).code == 0);
  CHECK(test::difference(series.alone("0.01"), test::run_content(series.experiment / "r")) == "");
}

}  // namespace lucid
