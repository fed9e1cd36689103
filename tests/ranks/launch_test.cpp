#include "ranks/launch.h"

#include <doctest/doctest.h>

#include <map>

#include "base/error.h"

namespace lucid {
namespace {

using Variables = std::map<std::string, std::string>;
using Mpi = Launch::Mpi;
using Launcher = Launch::Launcher;

std::optional<Launch> launch_by(const Variables& variables) {
  return launch_of([&](const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
}

}  // namespace

TEST_CASE("the variables of a launcher say which MPI started how many processes") {
  struct Row {
    const char* name;
    Variables variables;
    Launch wanted;
  };
  const Row rows[] = {
      {"mpirun of Open MPI",
       {{"OMPI_COMM_WORLD_RANK", "1"}, {"OMPI_COMM_WORLD_SIZE", "4"}, {"PMIX_RANK", "1"}},
       {Mpi::kOpenMpi, Launcher::kMpirun, 1, 4}},
      {"mpirun of MPICH",
       {{"PMI_RANK", "0"}, {"PMI_SIZE", "2"}},
       {Mpi::kMpich, Launcher::kMpirun, 0, 2}},
      {"srun --mpi=pmix",
       {{"SLURM_PROCID", "7"}, {"SLURM_STEP_NUM_TASKS", "8"}},
       {Mpi::kOpenMpi, Launcher::kSlurm, 7, 8}},
      {"srun --mpi=pmi2",
       {{"PMI_RANK", "2"}, {"PMI_SIZE", "3"}, {"SLURM_PROCID", "2"}, {"SLURM_STEP_NUM_TASKS", "3"}},
       {Mpi::kMpich, Launcher::kSlurm, 2, 3}},
      {"srun with MPICH's module",
       {{"SLURM_PROCID", "7"}, {"SLURM_STEP_NUM_TASKS", "8"}, {"LUCID_MPI", "mpich"}},
       {Mpi::kMpich, Launcher::kSlurm, 7, 8}},
      {"mpirun within a job of Slurm",
       {{"OMPI_COMM_WORLD_RANK", "0"}, {"OMPI_COMM_WORLD_SIZE", "1"}, {"SLURM_PROCID", "0"}},
       {Mpi::kOpenMpi, Launcher::kMpirun, 0, 1}}};
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const auto found = launch_by(row.variables);
    REQUIRE(found);
    CHECK(found->mpi == row.wanted.mpi);
    CHECK(found->launcher == row.wanted.launcher);
    CHECK(found->rank == row.wanted.rank);
    CHECK(found->size == row.wanted.size);
  }
}

TEST_CASE("a process of no launcher is none, nor is a batch script of Slurm") {
  CHECK_FALSE(launch_by({}));
  CHECK_FALSE(launch_by({{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "8"}}));
  CHECK_FALSE(launch_by({{"PMI_RANK", "0"}}));
  CHECK_FALSE(launch_by({{"PMI_RANK", "x"}, {"PMI_SIZE", "2"}}));
  CHECK_FALSE(launch_by({{"PMI_RANK", "2"}, {"PMI_SIZE", "2"}}));
  CHECK_FALSE(launch_by({{"PMI_RANK", "0"}, {"PMI_SIZE", "2"}, {"LUCID_MPI", "none"}}));
}

TEST_CASE("LUCID_MPI names an MPI or none") {
  CHECK_THROWS_WITH_AS(launch_by({{"LUCID_MPI", "intel"}}),
                       "LUCID_MPI: expected openmpi, mpich or none, found 'intel'", Error);
}

}  // namespace lucid
