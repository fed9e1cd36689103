#include <doctest/doctest.h>

#include <chrono>
#include <thread>

#include "cli/folds_experiment.h"
#include "support/run_content.h"

namespace lucid::test {
namespace {

namespace fs = std::filesystem;

// What has to be equal in two folders of folds.
void check_equal(const Folds& f, const std::string& wanted, const std::string& found) {
  CHECK(read_text(f / (found + "/summary.json")) == read_text(f / (wanted + "/summary.json")));
  for (const char* fold : {"/fold_0", "/fold_1", "/fold_2"}) {
    CAPTURE(fold);
    CHECK(difference(run_content(f / (wanted + fold)), run_content(f / (found + fold))) == "");
  }
}

}  // namespace

TEST_CASE("lucid-train: folds that are killed anywhere equal those that were left alone") {
  Folds f;
  f.write_config();
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  REQUIRE(f.train("all", "straight").code == 0);
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  Rng rng(1, "kills");
  int kills = 0;
  for (int i = 0; i < 12; ++i) {
    Program program("lucid-train",
                    kills % 3 == 2 && fs::exists(f / "out/splits_final.json")
                        ? std::vector<std::string>{"--resume", "out", "--threads", "1", "--quiet"}
                        : Folds::arguments("all", "out"),
                    {.cwd = f.folder.path()});
    std::this_thread::sleep_for(std::chrono::duration<double>(rng.uniform() * seconds / 2));
    program.signal(i % 4 == 3 ? SIGTERM : SIGKILL);
    const ProgramResult result = program.finish();
    CAPTURE(result.err);
    if (result.code == 0) break;
    CHECK((result.code == 128 + SIGKILL || result.code == 128 + SIGTERM));
    ++kills;
  }
  CHECK(kills > 2);
  REQUIRE(f.train("all", "out").code == 0);
  check_equal(f, "straight", "out");
  // All is done: nothing is trained or predicted again.
  const auto time = fs::last_write_time(f / "out/fold_2/metrics.jsonl");
  CHECK(f.train("all", "out").code == 0);
  CHECK(fs::last_write_time(f / "out/fold_2/metrics.jsonl") == time);
}

TEST_CASE("lucid-train: folds trained by several processes are those of one, and ranks, too") {
  Folds f;
  f.json["train"]["shards"] = 2;
  f.write_config();
  REQUIRE(f.train("all", "straight").code == 0);
  {
    std::vector<std::unique_ptr<Program>> programs;
    for (const char* fold : {"0", "1", "2"})
      programs.push_back(std::make_unique<Program>("lucid-train", Folds::arguments(fold, "out"),
                                                   RunOptions{.cwd = f.folder.path()}));
    for (const auto& program : programs) CHECK(program->finish().code == 0);
  }
  check_equal(f, "straight", "out");
  const ProgramResult ranked = f.train("all", "ranked", {"--ranks", "2"});
  CAPTURE(ranked.err);
  CHECK(ranked.code == 0);
  CHECK(f.read("ranked/summary.json") == f.read("straight/summary.json"));
}

TEST_CASE("lucid-train: folds begin beside a process that has written their config alone") {
  Folds f;
  f.write_config();
  REQUIRE(f.train("0", "straight").code == 0);
  fs::create_directory(f / "out");
  fs::copy_file(f / "straight/config.json", f / "out/config.json");
  const ProgramResult train = f.train("0", "out");
  CAPTURE(train.err);
  CHECK(train.code == 0);
  CHECK(read_text(f / "out/splits_final.json") == read_text(f / "straight/splits_final.json"));
}

}  // namespace lucid::test
