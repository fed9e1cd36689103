#include "ranks/placement.h"

#include <doctest/doctest.h>

#include <numeric>

#include "base/machine/cores.h"

namespace lucid {
namespace {

constexpr Launch kOpenMpi{Launch::Mpi::kOpenMpi, Launch::Launcher::kMpirun, 0, 2};
constexpr Launch kMpich{Launch::Mpi::kMpich, Launch::Launcher::kMpirun, 0, 2};
constexpr Launch kSlurm{Launch::Mpi::kOpenMpi, Launch::Launcher::kSlurm, 0, 2};

using Lines = std::vector<std::string>;

// A rank on processors [first, first + cores) of a host with 16 cores.
RankPlace on(const std::string& host, int first, int cores, int threads = 0) {
  RankPlace place{.host = host, .cores = cores, .host_cores = 16, .threads = threads};
  place.processors.resize(static_cast<std::size_t>(cores));
  std::iota(place.processors.begin(), place.processors.end(), first);
  return place;
}

}  // namespace

TEST_CASE(
    "ranks that share the cores of a host divide them, bound ones start as many as they have") {
  CHECK(placement_of({on("a", 0, 16), on("a", 0, 16), on("b", 0, 16), on("b", 0, 16)}, kOpenMpi)
            .threads == 8);
  CHECK(placement_of({on("a", 0, 8), on("a", 8, 8)}, kOpenMpi).threads == 8);
  CHECK(placement_of({on("a", 0, 16), on("a", 0, 16)}, kOpenMpi).warnings == Lines{});
  CHECK(placement_of({on("a", 0, 16, 3)}, kOpenMpi).threads == 3);
}

TEST_CASE("ranks that may use less than half of a host are told of, with what gives more") {
  CHECK(placement_of({on("a", 0, 1), on("a", 1, 1)}, kOpenMpi).warnings ==
        Lines{"a: 2 ranks may use 2 of its 16 cores; mpirun --bind-to none, or --map-by slot:PE=8, "
              "gives more"});
  CHECK(placement_of({on("a", 0, 1)}, kMpich).warnings ==
        Lines{"a: 1 rank may use 1 of its 16 cores; mpirun --bind-to none gives more"});
  CHECK(
      placement_of({on("a", 0, 1), on("a", 1, 1), on("b", 0, 1), on("b", 1, 1)}, kSlurm).warnings ==
      Lines{"a and 1 other host: 2 ranks may use 2 of its 16 cores; srun "
            "--cpu-bind=cores -c 8 gives more"});
}

TEST_CASE("ranks of a host that start more threads than its cores are told of") {
  CHECK(placement_of({on("a", 0, 16, 16), on("a", 0, 16, 16)}, kOpenMpi).warnings ==
        Lines{"a: 2 ranks with 16 threads each share 16 cores; fewer ranks or --threads are "
              "faster"});
}

TEST_CASE("all ranks start as many threads as the one with the fewest cores") {
  const RankPlacement uneven = placement_of({on("a", 0, 16), on("b", 0, 8), on("b", 8, 4)}, kMpich);
  CHECK(uneven.threads == 4);
  CHECK(uneven.warnings == Lines{"rank 0 (a) could start 16 threads, rank 2 (b) only 4; all ranks "
                                 "start as many as that one"});
}

TEST_CASE("a process knows its host, its cores and those that it could have") {
  const RankPlace place = own_place(3);
  CHECK(!place.host.empty());
  CHECK(place.cores == usable_cores());
  CHECK(place.host_cores >= place.cores);
  CHECK(place.threads == 3);
  CHECK(host_processors().size() >= allowed_processors().size());
}

}  // namespace lucid
