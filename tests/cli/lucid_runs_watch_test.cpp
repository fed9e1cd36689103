#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <functional>
#include <optional>
#include <thread>

#include "base/folder_lock.h"
#include "support/experiment.h"
#include "support/run_program.h"

namespace lucid {
namespace {

using test::Experiment;
using test::Program;
using test::ProgramResult;

// A run that another process trains for as long as a test needs it.
struct LongRun {
  explicit LongRun(int epochs) {
    experiment.json["train"]["epochs"] = epochs;
    experiment.json["train"]["log_every"] = 1;
    experiment.write_config();
  }
  Program start(const std::vector<std::string>& how) const {
    std::vector<std::string> arguments{"--threads", "1", "--quiet"};
    arguments.insert(arguments.end(), how.begin(), how.end());
    return Program("lucid-train", arguments, {.cwd = experiment.folder.path()});
  }
  Program watch() const {
    return Program("lucid-runs", {"watch", "r"}, {.cwd = experiment.folder.path()});
  }
  ProgramResult watch_ended() const { return watch().finish(); }
  static void wait_for(const std::function<bool()>& what) {
    for (int i = 0; i < 20000 && !what(); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    REQUIRE(what());
  }
  bool has_logged(const std::string& text) const {
    const auto log = experiment / "r/metrics.jsonl";
    return std::filesystem::exists(log) && test::read_text(log).find(text) != std::string::npos;
  }
  Experiment experiment;
};

const std::string kFirstEpoch = R"({"event":"epoch","epoch":1,)";

}  // namespace

TEST_CASE("lucid-runs watch: a run that does not run is told at once, by its state") {
  LongRun run(2);
  REQUIRE(run.start({"--config", "a.json", "--output", "r"}).finish().code == 0);
  ProgramResult result = run.watch_ended();
  CHECK(result.code == 0);
  CHECK(result.err == "r: does not run: finished, epoch 2 of 2\n");

  REQUIRE(run.start({"--config", "a.json", "--output", "r", "--overwrite", "--until-epoch", "1"})
              .finish()
              .code == 0);
  result = run.watch_ended();
  CHECK(result.code == 1);
  CHECK(result.err == "r: does not run: interrupted, epoch 1 of 2\n");

  REQUIRE(run.start({"--config", "a.json", "--output", "r", "--overwrite", "--set",
                     "optimizer.lr=1e30"})
              .finish()
              .code == 4);
  result = run.watch_ended();
  CHECK(result.code == 4);
  CHECK(result.err.find("r: does not run: diverged, epoch ") == 0);
  CHECK(result.err.find("; epoch ") != std::string::npos);  // and why
}

TEST_CASE("lucid-runs watch: shows a run to its end, whatever ends it") {
  LongRun run(100000);
  Program trainer = run.start({"--config", "a.json", "--output", "r"});
  run.wait_for([&] { return run.has_logged(kFirstEpoch); });
  Program watch = run.watch();
  run.wait_for([&] { return watch.err_so_far().find("  train.loss ") != std::string::npos; });
  trainer.signal(SIGTERM);
  CHECK(trainer.finish().code == 128 + SIGTERM);
  const ProgramResult result = watch.finish();
  CHECK(result.code == 1);
  CHECK(result.err.find("a: 100000 epochs; run folder r\n") == 0);
  CHECK(result.err.ends_with("\ninterrupted\n"));
}

TEST_CASE("lucid-runs watch: a process that is killed ended without a word") {
  LongRun run(100000);
  Program trainer = run.start({"--config", "a.json", "--output", "r"});
  run.wait_for([&] { return run.has_logged(kFirstEpoch); });
  Program watch = run.watch();
  run.wait_for([&] { return watch.err_so_far().find("  step ") != std::string::npos; });
  trainer.signal(SIGKILL);
  const ProgramResult result = watch.finish();
  CHECK(result.code == 1);
  CHECK(
      result.err.ends_with("r: the process ended without a word; lucid-train --resume goes on\n"));
}

TEST_CASE("lucid-runs watch: Ctrl-C ends the watching alone") {
  LongRun run(100000);
  Program trainer = run.start({"--config", "a.json", "--output", "r"});
  run.wait_for([&] { return run.has_logged(kFirstEpoch); });
  Program watch = run.watch();
  run.wait_for([&] { return watch.err_so_far().find("  step ") != std::string::npos; });
  watch.signal(SIGINT);
  CHECK(watch.finish().code == 128 + SIGINT);
  CHECK(trainer.is_running());
}

TEST_CASE("lucid-runs watch: waits for a run that only begins") {
  LongRun run(2);
  std::filesystem::create_directory(run.experiment / "r");
  std::optional<FolderLock> lock;
  lock.emplace(run.experiment / "r", FolderLock::Texts{"", ""});
  Program watch = run.watch();
  REQUIRE(run.start({"--config", "a.json", "--output", "other"}).finish().code == 0);
  const std::string log = test::read_text(run.experiment / "other/metrics.jsonl");
  const std::size_t end = log.rfind("{\"event\":\"end\"");
  run.experiment.folder.write("r/config.json",
                              test::read_text(run.experiment / "other/config.json"));
  run.experiment.folder.write("r/metrics.jsonl", log.substr(0, end));
  const auto shows = [&](const char* text) {
    return watch.err_so_far().find(text) != std::string::npos;
  };
  run.wait_for([&] { return shows("epoch 2/2  train.loss"); });
  run.experiment.folder.write("r/metrics.jsonl", log);
  run.wait_for([&] { return shows("\nfinished\n"); });
  lock.reset();
  CHECK(watch.finish().code == 0);
}

}  // namespace lucid
