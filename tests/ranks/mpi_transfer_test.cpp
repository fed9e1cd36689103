#include <doctest/doctest.h>
#include <unistd.h>

#include <thread>

#include "ranks/mpi_ranks.h"
#include "ranks/swap_messages.h"
#include "support/mpi.h"
#include "support/run_program.h"

// mpirun starts lucid-tests again for a single case, which then is one of the ranks.
namespace lucid {
namespace {

using test::Channel;
using test::kLarge;
using test::ProgramResult;
using test::swap_messages;

// Does the work as a rank, or has mpirun start `count` processes that do, by each MPI in turn.
void run_by_mpi(const std::string& test_case, int count, const std::function<int(Ranks&)>& work,
                const std::function<void(const test::Mpi&, const ProgramResult&)>& check) {
  if (const auto launch = launch_of_process()) {
    const auto say = [](const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); };
    const int code = run_mpi_ranks(*launch, work, say);
    std::fflush(nullptr);
    _exit(code);
  }
  for (const test::Mpi& mpi : test::mpis()) {
    CAPTURE(mpi.name);
    const std::vector<std::string> command{test::program_path("lucid-tests"), "-tc=" + test_case};
    check(mpi, test::run_program(mpi.mpirun, mpi.arguments(count, command)));
  }
}

void check_done(const test::Mpi&, const ProgramResult& result) {
  CHECK(result.code == 0);
  CHECK(result.err == "");
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("ranks of MPI send each other messages of any size in both directions at once") {
  const auto work = [](Ranks& ranks) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, kLarge})
      swap_messages(ranks, Channel::kSteps, size);
    const std::vector<double> own(static_cast<std::size_t>(ranks.rank()), ranks.rank());
    test::expect(ranks.gathered(own) == std::vector<double>{1, 2, 2}, "other numbers");
    test::expect(ranks.any(ranks.rank() == 2) && !ranks.any(false), "another answer");
    return 0;
  };
  run_by_mpi("ranks of MPI send each other messages of any size in both directions at once", 3,
             work, check_done);
}

TEST_CASE("two threads of a rank of MPI transfer at the same time") {
  const auto work = [](Ranks& ranks) {
    std::thread gradients([&] { swap_messages(ranks, Channel::kGradients, kLarge); });
    for (std::size_t size = 0; size < 300; ++size) swap_messages(ranks, Channel::kSteps, size);
    gradients.join();
    return 0;
  };
  run_by_mpi("two threads of a rank of MPI transfer at the same time", 3, work, check_done);
}

TEST_CASE("a rank of MPI that fails ends those that wait for it") {
  const auto work = [](Ranks& ranks) {
    if (ranks.rank() == 1) throw Error(ExitCode::kData, "a.h5: is odd");
    swap_messages(ranks, Channel::kGradients, kLarge);
    return 0;
  };
  const auto check = [](const test::Mpi&, const ProgramResult& result) {
    CHECK(result.code == 3);
    CHECK(holds(result.err, "rank 1 ("));
    CHECK(holds(result.err, "): a.h5: is odd\n"));
    CHECK_FALSE(holds(result.err, "another rank of the run has failed"));
  };
  run_by_mpi("a rank of MPI that fails ends those that wait for it", 3, work, check);
}

TEST_CASE("a rank of MPI that fails ends those that compute for ever") {
  const auto work = [](Ranks& ranks) -> int {
    if (ranks.rank() == 1) throw Error(ExitCode::kData, "a.h5: is odd");
    while (true) pause();
  };
  const auto check = [](const test::Mpi&, const ProgramResult& result) {
    CHECK(result.code == 3);
    CHECK(holds(result.err, "): a.h5: is odd\n"));
  };
  run_by_mpi("a rank of MPI that fails ends those that compute for ever", 2, work, check);
}

TEST_CASE("a rank of MPI that abandons the others ends its own transfer and theirs") {
  const auto work = [](Ranks& ranks) -> int {
    if (ranks.rank() == 1) test::wait_for_byte_of(ranks, 0);
    ranks.abandon();
    try {
      test::wait_for_byte_of(ranks, 1);
    } catch (const Error&) {
      throw Error(ExitCode::kData, "given up");
    }
    return 0;
  };
  const auto check = [](const test::Mpi&, const ProgramResult& result) {
    CHECK(result.code == 3);
    CHECK(holds(result.err, "rank 0 ("));
    CHECK(holds(result.err, "): given up\n"));
  };
  run_by_mpi("a rank of MPI that abandons the others ends its own transfer and theirs", 2, work,
             check);
}

}  // namespace lucid
