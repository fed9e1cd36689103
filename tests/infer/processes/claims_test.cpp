#include "infer/processes/claims.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "support/temp_dir.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

// Returns a process of this machine that has ended.
RunningProcess ended_process() {
  RunningProcess process = RunningProcess::self();
  const pid_t child = fork();
  if (child == 0) _exit(0);
  REQUIRE(child > 0);
  waitpid(child, nullptr, 0);
  process.number = child;
  return process;
}

struct ClaimsFixture {
  // Writes what a process leaves that was killed while it had a claim.
  void leave_claim(const RunningProcess& process) const {
    folder.write("work/process-7", json_text({{"host", process.host},
                                              {"machine", process.machine},
                                              {"process", process.number},
                                              {"began", process.began}}));
    folder.write("work/claim-slab-0-0-1", "7");
  }
  void age(const std::string& file, std::chrono::seconds seconds) const {
    fs::last_write_time(path / file, fs::last_write_time(path / file) - seconds);
  }

  test::TempDir folder;
  fs::path path = folder / "work";
  Attendance one{path}, two{path};
  Claims first{path, one}, second{path, two};
};

}  // namespace

TEST_CASE("only one of two processes has a claim, until it gives it up") {
  const ClaimsFixture f;
  {
    const auto claim = f.first.claim("slab-0-0");
    REQUIRE(claim);
    CHECK(f.second.claim("slab-0-0") == nullptr);
    CHECK(f.second.held() == std::set<std::string>{"slab-0-0"});
    CHECK(f.second.claim("slab-0-1") != nullptr);
  }
  CHECK(f.second.held().empty());
  CHECK(f.second.claim("slab-0-0") != nullptr);
}

TEST_CASE("processes of a folder have different numbers, and their files go with them") {
  const ClaimsFixture f;
  CHECK(f.one.number() == 1);
  CHECK(f.two.number() == 2);
  CHECK(f.one.is_any_other_alive());
  { const Attendance three(f.path); }
  CHECK_FALSE(f.one.is_alive(3));
  CHECK(f.one.is_alive(2));
}

TEST_CASE("a process that lives has not joined before it says so") {
  ClaimsFixture f;
  CHECK(f.one.is_any_other_alive());
  CHECK_FALSE(f.one.has_any_other_joined());
  f.two.join();
  CHECK(f.one.has_any_other_joined());
  CHECK_FALSE(f.two.has_any_other_joined());
  f.folder.write("work/complete.json", "");
  CHECK(f.one.is_newer(f.path / "complete.json"));
  f.age("complete.json", Attendance::kLostAfter);
  CHECK_FALSE(f.one.is_newer(f.path / "complete.json"));
  CHECK_FALSE(f.one.is_newer(f.path / "none"));
}

TEST_CASE("the claim of a process that has ended is taken over, by one") {
  const ClaimsFixture f;
  f.leave_claim(ended_process());
  CHECK(f.first.held().empty());
  const auto claim = f.first.claim("slab-0-0");
  REQUIRE(claim);
  CHECK(f.second.claim("slab-0-0") == nullptr);
  CHECK(f.one.left_behind() == std::vector{f.path / "joined-7", f.path / "process-7"});
}

TEST_CASE("the claim of a later process with the same number is not that of the one before") {
  const ClaimsFixture f;
  RunningProcess earlier = RunningProcess::self();
  earlier.began -= 1;
  f.leave_claim(earlier);
  CHECK(f.first.claim("slab-0-0") != nullptr);
}

TEST_CASE("the claim of a living process is its own, however old") {
  const ClaimsFixture f;
  f.leave_claim(RunningProcess::self());
  f.age("process-7", 100 * Attendance::kLostAfter);
  f.age("claim-slab-0-0-1", 100 * Attendance::kLostAfter);
  CHECK(f.first.claim("slab-0-0") == nullptr);
}

TEST_CASE("the claim of another machine is taken over once its process touches nothing more") {
  const ClaimsFixture f;
  f.leave_claim({"other", "other boot", 1, 1});
  CHECK(f.first.claim("slab-0-0") == nullptr);
  f.age("process-7", Attendance::kLostAfter / 2);
  CHECK(f.first.claim("slab-0-0") == nullptr);
  f.age("process-7", Attendance::kLostAfter);
  CHECK(f.first.claim("slab-0-0") != nullptr);
}

TEST_CASE("a claim that says nothing is being made, unless it is old") {
  const ClaimsFixture f;
  f.folder.write("work/claim-slab-0-0-1", "");
  CHECK(f.first.claim("slab-0-0") == nullptr);
  f.age("claim-slab-0-0-1", 2 * Attendance::kLostAfter);
  CHECK(f.first.claim("slab-0-0") != nullptr);
}

}  // namespace lucid
