#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "support/run_content.h"
#include "support/run_program.h"
#include "support/storm_experiments.h"

// Kills training runs at random moments and resumes them until they finish: each has to equal a run
// that was left alone. LUCID_STORM_RUNS sets how many runs of each kind, LUCID_STORM_SEED the
// moments.
namespace lucid {
namespace {

using test::Experiment;
using test::Program;
using Clock = std::chrono::steady_clock;

std::uint64_t number_of(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

class Storm {
 public:
  explicit Storm(Experiment& experiment)
      : experiment_(experiment), rng_(number_of("LUCID_STORM_SEED", 1), "storm") {
    experiment.write_config();
    const auto begin = Clock::now();
    REQUIRE(start("straight", {})->finish().code == 0);
    seconds_ = std::chrono::duration<double>(Clock::now() - begin).count();
    wanted_ = test::run_content(experiment / "straight");
  }

  void interrupt_and_compare(const std::string& run) {
    constexpr int kMostInterruptions = 12;
    for (int interruptions = 0;; ++interruptions) {
      const bool is_left_alone = interruptions == kMostInterruptions;
      if (finishes(run, is_left_alone)) break;
      REQUIRE_FALSE(is_left_alone);
      check_checkpoints(run);
    }
    CHECK(test::difference(wanted_, test::run_content(experiment_ / run)) == "");
    std::filesystem::remove_all(experiment_ / run);
  }

  std::uint64_t interruptions() const { return interruptions_; }

 private:
  std::unique_ptr<Program> start(const std::string& run, std::vector<std::string> more) const {
    std::vector<std::string> arguments{"--threads", "1", "--quiet"};
    if (std::filesystem::exists(experiment_.last(run)))
      more.insert(more.end(), {"--resume", run});
    else
      more.insert(more.end(), {"--config", "a.json", "--output", run, "--overwrite"});
    arguments.insert(arguments.end(), more.begin(), more.end());
    return std::make_unique<Program>("lucid-train", arguments,
                                     test::RunOptions{.cwd = experiment_.folder.path()});
  }

  // Early moments, when a run begins, are as likely as later ones.
  double moment() {
    const double most[] = {seconds_, seconds_ / 2, seconds_ / 4};
    return rng_.uniform() * most[rng_.below(3)];
  }

  bool finishes(const std::string& run, bool is_left_alone) {
    constexpr std::array kSignals{SIGKILL, SIGKILL, SIGTERM, SIGINT, SIGHUP};
    const int signal = kSignals[rng_.below(kSignals.size())];
    const std::chrono::duration<double> wait(moment());
    const bool is_sent_twice = rng_.uniform() < 0.1;
    const auto program = start(run, {});
    if (!is_left_alone) {
      std::this_thread::sleep_for(wait);
      program->signal(signal);
      if (is_sent_twice) program->signal(signal);
    }
    const test::ProgramResult result = program->finish();
    CAPTURE(signal);
    CAPTURE(result.err);
    if (result.code != 0) CHECK(result.code == 128 + signal);
    if (result.code == 128 + signal) ++interruptions_;
    return result.code == 0;
  }

  void check_checkpoints(const std::string& run) const {
    for (const auto& file : {experiment_.last(run), experiment_.best(run)})
      if (std::filesystem::exists(file)) CHECK_NOTHROW(CheckpointFile{file});
  }

  Experiment& experiment_;
  Rng rng_;
  double seconds_ = 0;
  test::RunContent wanted_;
  std::uint64_t interruptions_ = 0;
};

void storm(Experiment& experiment) {
  Storm storm(experiment);
  const std::uint64_t runs = number_of("LUCID_STORM_RUNS", 2);
  for (std::uint64_t run = 0; run < runs; ++run) {
    CAPTURE(run);
    storm.interrupt_and_compare("run" + std::to_string(run));
  }
  MESSAGE(runs << " runs, " << storm.interruptions() << " interruptions");
  CHECK(storm.interruptions() > 0);
}

}  // namespace

TEST_CASE("lucid-train: runs on whole volumes killed anywhere equal one that was left alone") {
  Experiment experiment;
  test::use_everything(experiment);
  storm(experiment);
}

TEST_CASE("lucid-train: runs on patches killed anywhere equal one that was left alone") {
  Experiment experiment;
  test::use_everything_on_patches(experiment);
  storm(experiment);
}

}  // namespace lucid
