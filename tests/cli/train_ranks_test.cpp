#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "base/rng.h"
#include "ranks/local_ranks.h"
#include "support/ranked.h"

namespace lucid {
namespace {

using test::children_of;
using test::Experiment;
using test::Program;
using test::ProgramResult;
using test::Ranked;

void check_ranks(const Ranked& ranked) {
  CHECK(ranked.train("alone", 1).code == 0);
  CHECK_FALSE(ranked.experiment.metrics("alone", "epoch").back().contains("ranks"));
  for (const int ranks : {2, 3, 4}) {
    CAPTURE(ranks);
    const std::string run = "ranks" + std::to_string(ranks);
    const ProgramResult result = ranked.train(run, ranks);
    CHECK(result.code == 0);
    CHECK(result.out.find("status finished") != std::string::npos);
    CHECK(test::difference(ranked.content("alone"), ranked.content(run)) == "");
    for (const Json& epoch : ranked.experiment.metrics(run, "epoch")) {
      CHECK(epoch["ranks"].size() == static_cast<std::size_t>(ranks));
      for (const Json& waits : epoch["ranks"])
        CHECK((waits["data_wait"] >= 0 && waits["communication_wait"] > 0));
    }
  }
}

}  // namespace

TEST_CASE("lucid-train: a run has the same bits on 1, 2, 3 and 4 ranks") {
  for (const bool synchronizes : {false, true}) {
    CAPTURE(synchronizes);
    check_ranks(Ranked(synchronizes));
  }
}

TEST_CASE("of the ranks of a run the first alone writes") {
  Experiment experiment;
  experiment.json["train"]["epochs"] = 1;
  experiment.json["train"]["shards"] = 2;
  experiment.json["train"]["preview"] = {{"every", 1}, {"cases", 2}};
  const auto folder_of = [&](int rank) { return experiment / ("rank" + std::to_string(rank)); };
  const auto train = [&](Ranks& ranks) {
    Session session(experiment.config(), 1);
    session.resolve_auto();
    const RunFolder folder(folder_of(ranks.rank()));
    Trainer trainer(session, folder, Experiment::never, ranks);
    if (ranks.is_first()) folder.make();
    return trainer.run({}).status == RunStatus::kFinished ? 0 : 1;
  };
  CHECK(run_local_ranks(2, train, [] { return 0; }) == 0);
  CHECK(std::filesystem::exists(folder_of(0) / "cases.json"));
  CHECK(std::filesystem::exists(folder_of(0) / "checkpoints" / "best.h5"));
  CHECK_FALSE(std::filesystem::exists(folder_of(1)));
}

TEST_CASE("lucid-train: ranks that are killed end all, and any number of them goes on") {
  const Ranked ranked;
  CHECK(ranked.train("alone", 1).code == 0);
  Rng rng(1, "rank storm");
  int kills = 0;
  for (bool resumes = false;; resumes = true) {
    const int ranks = 1 + static_cast<int>(rng.below(4));
    if (kills >= 6) {
      CHECK(ranked.train("run", ranks, true).code == 0);
      break;
    }
    Program program("lucid-train", ranked.arguments("run", ranks, resumes),
                    {.cwd = ranked.experiment.folder.path()});
    const auto checkpoint = ranked.experiment / "run" / "checkpoints" / "last.h5";
    while (program.is_running() && !std::filesystem::exists(checkpoint))
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    std::this_thread::sleep_for(std::chrono::milliseconds(rng.below(60)));
    const std::vector<pid_t> children = children_of(program.process());
    if (ranks > 1 && !children.empty())
      kill(children[rng.below(children.size())], SIGKILL);
    else
      program.signal(SIGKILL);
    const ProgramResult result = program.finish();
    ++kills;
    if (result.code == 0) break;  // it ended before
    if (ranks > 1 && result.code == 1)
      CHECK(result.err.find("was killed by signal 9; --resume goes on") != std::string::npos);
  }
  MESSAGE("killed ", kills, " times");
  CHECK(test::difference(ranked.content("alone"), ranked.content("run")) == "");
}

TEST_CASE("lucid-train: SIGTERM saves what all ranks train, once") {
  const Ranked ranked;
  ranked.prolong();
  Program program("lucid-train", ranked.arguments("run", 3, false),
                  {.cwd = ranked.experiment.folder.path()});
  while (program.is_running() &&
         !std::filesystem::exists(ranked.experiment / "run" / "metrics.jsonl"))
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  program.signal(SIGTERM);
  REQUIRE(program.finish().code == 128 + SIGTERM);
  CHECK(ranked.experiment.metrics("run", "end").back()["status"] == "interrupted");
}

TEST_CASE("lucid-train: an error of all ranks is told once, and more ranks than shards are one") {
  const Ranked ranked;
  const ProgramResult many = ranked.train("run", 5);
  CHECK(many.code == 2);
  CHECK(many.err == "a.json: /train/shards: expected as many as --ranks, 5, or more, found 4\n");
  ranked.experiment.folder.write("a.json", "{}");
  const ProgramResult broken = ranked.train("run", 3), alone = ranked.train("run", 1);
  CHECK(broken.code == alone.code);
  CHECK(broken.err == alone.err);
}

}  // namespace lucid
