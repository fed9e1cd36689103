#include <doctest/doctest.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <iostream>

#include "base/folder_lock.h"
#include "support/experiment.h"
#include "support/run_program.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;
using test::Experiment;
using test::ProgramResult;

// Three runs that ended in different ways, below "runs".
struct EndedRuns {
  EndedRuns() {
    for (const auto& [name, how] :
         {std::pair("a", "train.epochs=2"), std::pair("b", "optimizer.lr=1e30"),
          std::pair("c", "optimizer.lr=0.001")}) {
      experiment.write_config();
      test::run_program("lucid-train",
                        {"--config", "a.json", "--output", std::string("runs/") + name, "--set",
                         how, "--threads", "1", "--quiet", "--tensorboard"},
                        {.cwd = experiment.folder.path()});
    }
  }
  ProgramResult clean(std::vector<std::string> more) const {
    more.insert(more.begin(), {"clean", "runs"});
    return test::run_program("lucid-runs", more, {.cwd = experiment.folder.path()});
  }
  bool has(const std::string& path) const { return fs::exists(experiment / ("runs/" + path)); }
  Experiment experiment;
};

// Runs the command on a terminal of its own where somebody answers; returns its exit code.
int answered(const fs::path& cwd, const std::string& command, const std::string& answer) {
  int terminal = -1;
  std::cout << std::flush;
  const pid_t child = forkpty(&terminal, nullptr, nullptr, nullptr);
  REQUIRE(child >= 0);
  if (child == 0) {
    if (chdir(cwd.c_str()) != 0) _exit(126);
    execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
    _exit(127);
  }
  REQUIRE(write(terminal, answer.data(), answer.size()) == std::ssize(answer));
  char part[4096];
  while (read(terminal, part, sizeof part) > 0) continue;
  int status = 0;
  waitpid(child, &status, 0);
  close(terminal);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("lucid-runs clean: removes what was chosen, and tells what and how much") {
  const EndedRuns runs;
  const ProgramResult dry = runs.clean({"--state", "diverged,interrupted", "--dry-run"});
  CHECK(dry.code == 0);
  CHECK(dry.out.find("runs/b  diverged") != std::string::npos);
  CHECK(dry.out.find("runs/a") == std::string::npos);
  CHECK(dry.out.find("\n1 run, ") != std::string::npos);
  CHECK(runs.has("b/checkpoints/last.h5"));

  const ProgramResult result = runs.clean({"--state", "diverged", "--yes"});
  CHECK(result.code == 0);
  CHECK(result.err == "");
  CHECK_FALSE(runs.has("b"));
  CHECK(runs.has("a/checkpoints/last.h5"));
  CHECK(runs.clean({"--state", "diverged", "--yes"}).out == "0 runs, 0 B to remove\n");

  CHECK(runs.clean({"--keep-best", "1", "--checkpoints", "--yes"}).code == 0);
  CHECK(runs.has("a/checkpoints/last.h5") != runs.has("c/checkpoints/last.h5"));
  CHECK(runs.has("a/checkpoints/best.h5"));
  CHECK(runs.has("c/checkpoints/best.h5"));
}

TEST_CASE("lucid-runs clean: a running run stays, and so do files of others") {
  const EndedRuns runs;
  runs.experiment.folder.write("runs/c/notes.txt", "mine");
  const FolderLock lock(runs.experiment / "runs/a", {"", ""});
  const ProgramResult result = runs.clean({"--keep-best", "0", "--yes"});
  CHECK(result.code == 0);
  CHECK(result.out.find("stays: runs/c/notes.txt, which no run wrote\n") != std::string::npos);
  CHECK(runs.has("a/checkpoints/last.h5"));
  CHECK_FALSE(runs.has("b"));
  CHECK(runs.has("c/notes.txt"));
  CHECK_FALSE(runs.has("c/config.json"));
}

TEST_CASE("lucid-runs clean: asks on a terminal, and removes nothing but for a yes") {
  const EndedRuns runs;
  const std::string command =
      std::string(LUCID_BINARY_DIR) + "/lucid-runs clean runs --state diverged";
  const fs::path& cwd = runs.experiment.folder.path();
  for (const std::string answer : {"n\n", "\n", "\x04"}) {
    CHECK(answered(cwd, command, answer) == 0);
    CHECK(runs.has("b/metrics.jsonl"));
  }
  CHECK(answered(cwd, command, "y\n") == 0);
  CHECK_FALSE(runs.has("b"));
  CHECK(runs.has("a"));
}

}  // namespace lucid
