#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "base/machine/cores.h"
#include "support/mpi.h"
#include "support/ranked.h"
#include "support/wait_for_line.h"

namespace lucid {
namespace {

using test::Mpi;
using test::Program;
using test::ProgramResult;
using test::Ranked;
using test::RunOptions;
using Words = std::vector<std::string>;

Words command(const Mpi& mpi, int processes, const Words& arguments) {
  Words all{test::program_path("lucid-train")};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return mpi.arguments(processes, all);
}

ProgramResult run(const Mpi& mpi, int processes, const Ranked& ranked, const Words& arguments) {
  return test::run_program(mpi.mpirun, command(mpi, processes, arguments),
                           {.cwd = ranked.experiment.folder.path()});
}

ProgramResult train(const Mpi& mpi, int processes, const Ranked& ranked, const std::string& name,
                    bool resumes = false) {
  return run(mpi, processes, ranked, ranked.arguments(name, 0, resumes));
}

int count_of(const std::string& text, const std::string& part) {
  int count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

// The processes of lucid-train that mpirun has started, itself or by others.
std::vector<pid_t> ranks_below(pid_t process) {
  std::vector<pid_t> found;
  for (const pid_t child : test::children_of(process)) {
    std::error_code ignored;
    const auto link = "/proc/" + std::to_string(child) + "/exe";
    if (std::filesystem::read_symlink(link, ignored) == test::program_path("lucid-train"))
      found.push_back(child);
    const std::vector<pid_t> deeper = ranks_below(child);
    found.insert(found.end(), deeper.begin(), deeper.end());
  }
  return found;
}

void wait_for(Program& program, const std::filesystem::path& file) {
  while (program.is_running() && !std::filesystem::exists(file))
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
}

}  // namespace

TEST_CASE("lucid-train: a run has the same bits on ranks of MPI as on one") {
  const Ranked ranked;
  CHECK(ranked.train("alone", 1).code == 0);
  for (const Mpi& mpi : test::mpis())
    for (const int processes : {2, 3}) {
      CAPTURE(mpi.name);
      CAPTURE(processes);
      const std::string name = mpi.name + std::to_string(processes);
      const ProgramResult result = train(mpi, processes, ranked, name);
      CHECK(result.code == 0);
      CHECK(count_of(result.out, "status finished") == 1);
      CHECK(count_of(result.out, "run folder") == 1);
      CHECK(test::difference(ranked.content("alone"), ranked.content(name)) == "");
    }
}

TEST_CASE("lucid-train: an error of all ranks of MPI is told once, with its exit code") {
  const Ranked ranked;
  for (const Mpi& mpi : test::mpis()) {
    CAPTURE(mpi.name);
    const ProgramResult both = run(mpi, 2, ranked, {"--config", "a.json", "--ranks", "2"});
    CHECK(both.code == 2);
    CHECK(count_of(both.err,
                   "--ranks: expected none under mpirun, which has started 2 processes: "
                   "each of them is a rank\n") == 1);
    const ProgramResult unknown = run(mpi, 2, ranked, {"--confg", "a.json"});
    CHECK(unknown.code == 2);
    CHECK(count_of(unknown.err, "lucid-train: no option '--confg'") == 1);
    const ProgramResult many = train(mpi, 5, ranked, "run");
    CHECK(many.code == 2);
    CHECK(count_of(many.err,
                   "a.json: /train/shards: expected as many as the processes of mpirun, "
                   "5, or more, found 4\n") == 1);
  }
}

TEST_CASE("lucid-train: an error of one rank of MPI is told with its rank and host") {
  const Ranked ranked;
  for (const Mpi& mpi : test::mpis()) {
    CAPTURE(mpi.name);
    Words arguments = command(mpi, 1, ranked.arguments(mpi.name, 0, false));
    const Words other{":", "-np", "1", test::program_path("lucid-train"), "--config", "b.json"};
    arguments.insert(arguments.end(), other.begin(), other.end());
    const ProgramResult result =
        test::run_program(mpi.mpirun, arguments, {.cwd = ranked.experiment.folder.path()});
    CHECK(result.code == 2);
    CHECK(count_of(result.err, "rank 1 (") == 1);
    CHECK(count_of(result.err, "): b.json: ") == 1);
  }
}

TEST_CASE("lucid-train: what trains nothing is done by the first rank of MPI alone") {
  const Ranked ranked;
  for (const Mpi& mpi : test::mpis()) {
    CAPTURE(mpi.name);
    const ProgramResult version = run(mpi, 3, ranked, {"--version"});
    CHECK(version.code == 0);
    CHECK(version.out == "lucid-train " LUCID_VERSION "\n");
    const ProgramResult checked = run(mpi, 3, ranked, {"--config", "a.json", "--dry-run"});
    CHECK(checked.code == 0);
    CHECK(count_of(checked.out, "memory of a training step") == 1);
    const ProgramResult timed = run(mpi, 3, ranked, {"--config", "a.json", "--profile", "1"});
    CHECK(timed.code == 0);
    CHECK(count_of(timed.out, "wait for data") == 1);
  }
}

TEST_CASE("lucid-train: a rank of MPI that is killed ends all, and local ranks go on") {
  const Ranked ranked;
  CHECK(ranked.train("alone", 1).code == 0);
  for (const Mpi& mpi : test::mpis()) {
    CAPTURE(mpi.name);
    Program program(mpi.mpirun, command(mpi, 3, ranked.arguments(mpi.name, 0, false)),
                    {.cwd = ranked.experiment.folder.path()});
    wait_for(program, ranked.experiment / mpi.name / "checkpoints" / "last.h5");
    const std::vector<pid_t> ranks = ranks_below(program.process());
    if (!ranks.empty()) kill(ranks.back(), SIGKILL);
    const ProgramResult killed = program.finish();
    const bool was_there = killed.code == 137 || killed.code == SIGKILL;
    CHECK((was_there || killed.code == 0));
    CHECK(ranked.train(mpi.name, 2, true).code == 0);
    CHECK(test::difference(ranked.content("alone"), ranked.content(mpi.name)) == "");
  }
}

TEST_CASE("lucid-train: ranks of MPI go on with the run of local ones") {
  const Ranked ranked;
  CHECK(ranked.train("alone", 1).code == 0);
  for (const Mpi& mpi : test::mpis()) {
    CAPTURE(mpi.name);
    Words first = ranked.arguments(mpi.name, 2, false);
    first.insert(first.end(), {"--until-epoch", "1"});
    CHECK(test::run_program("lucid-train", first, {.cwd = ranked.experiment.folder.path()}).code ==
          0);
    CHECK(train(mpi, 3, ranked, mpi.name, true).code == 0);
    CHECK(test::difference(ranked.content("alone"), ranked.content(mpi.name)) == "");
  }
}

TEST_CASE("lucid-train: a signal to one rank of MPI, or to mpirun, saves once and ends all") {
  const Ranked ranked;
  ranked.prolong();
  for (const Mpi& mpi : test::mpis())
    for (const bool is_of_one : {true, false}) {
      CAPTURE(mpi.name);
      CAPTURE(is_of_one);
      const std::string name = mpi.name + (is_of_one ? "-one" : "-all");
      Program program(mpi.mpirun, command(mpi, 3, ranked.arguments(name, 0, false)),
                      {.cwd = ranked.experiment.folder.path()});
      // Every rank has trained then; one that still prepares ends at once, and saves nothing.
      test::wait_for_line(program, ranked.experiment / name / "metrics.jsonl",
                          R"({"event":"epoch")");
      const std::vector<pid_t> ranks = ranks_below(program.process());
      REQUIRE(ranks.size() == 3);
      // Open MPI's mpirun gives its processes no time after a SIGTERM.
      const int signal = !is_of_one && mpi.name == "openmpi" ? SIGUSR1 : SIGTERM;
      if (is_of_one)
        kill(ranks[1], signal);
      else
        program.signal(signal);
      const ProgramResult result = program.finish();
      // MPICH's mpirun, asked to end by itself, ends with 0 where it was faster than its processes.
      CHECK(
          (result.code == 128 + signal || (mpi.name == "mpich" && !is_of_one && result.code == 0)));
      CHECK(count_of(result.out, "status interrupted") == 1);
      REQUIRE_FALSE(ranked.experiment.metrics(name, "end").empty());
      CHECK(ranked.experiment.metrics(name, "end").back()["status"] == "interrupted");
    }
}

TEST_CASE("lucid-train: a module that is missing is told once, with what to install") {
  const Ranked ranked;
  for (const Mpi& mpi : test::mpis()) {
    CAPTURE(mpi.name);
    const ProgramResult result =
        test::run_program(mpi.mpirun, command(mpi, 2, ranked.arguments("run", 0, false)),
                          {.cwd = ranked.experiment.folder.path(),
                           .env = {{"LUCID_MPI_MODULES", ranked.experiment.folder.path()}}});
    CHECK(result.code == 1);
    const std::string file = (ranked.experiment / ("lucid-" + mpi.name + ".so")).string();
    CHECK(count_of(result.err, "mpirun has started 2 processes, but lucid's module for ") == 1);
    CHECK(count_of(result.err, " is missing: there is no " + file + "; install lib" + mpi.name +
                                   "-dev and build lucid again with -DLUCID_MPI=ON\n") == 1);
  }
}

TEST_CASE("lucid-train: ranks of MPI that start more threads than cores are told so once") {
  const Ranked ranked;
  for (const Mpi& mpi : test::mpis()) {
    CAPTURE(mpi.name);
    Words arguments = ranked.arguments(mpi.name, 0, false);
    const std::string threads = std::to_string(usable_cores() + 1);
    arguments[1] = threads;
    const ProgramResult result = run(mpi, 2, ranked, arguments);
    CHECK(count_of(result.err, ": 2 ranks with " + threads + " threads each share ") == 1);
  }
}

}  // namespace lucid
