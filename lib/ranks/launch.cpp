#include "ranks/launch.h"

#include <charconv>
#include <cstdlib>
#include <cstring>

#include "base/error.h"
#include "base/text.h"

namespace lucid {
namespace {

using Mpi = Launch::Mpi;
using Launcher = Launch::Launcher;

std::optional<int> number(const char* text) {
  if (text == nullptr) return std::nullopt;
  int value = 0;
  const char* const end = text + std::strlen(text);
  const auto [stop, failure] = std::from_chars(text, end, value);
  return failure == std::errc() && stop == end && value >= 0 ? std::optional(value) : std::nullopt;
}

// The variables of a process's number and of their count. A batch script of Slurm, which is no
// launched process, has SLURM_PROCID and SLURM_NTASKS, but not the count of a step.
struct Variables {
  const char *rank, *size;
  Mpi mpi;
  Launcher launcher;
};
constexpr Variables kKnown[] = {
    {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", Mpi::kOpenMpi, Launcher::kMpirun},
    {"PMI_RANK", "PMI_SIZE", Mpi::kMpich, Launcher::kMpirun},
    {"SLURM_PROCID", "SLURM_STEP_NUM_TASKS", Mpi::kOpenMpi, Launcher::kSlurm}};

}  // namespace

std::optional<Launch> launch_of(const Environment& variable) {
  const char* const set = variable("LUCID_MPI");
  const std::string chosen = set == nullptr ? "" : set;
  if (chosen == "none") return std::nullopt;
  if (!chosen.empty() && chosen != "openmpi" && chosen != "mpich")
    throw Error(ExitCode::kUsage,
                "LUCID_MPI: expected openmpi, mpich or none, found " + in_quotes(chosen));
  for (const Variables& known : kKnown) {
    const auto rank = number(variable(known.rank)), size = number(variable(known.size));
    if (!rank || !size || *rank >= *size) continue;
    Launch launch{known.mpi, known.launcher, *rank, *size};
    if (!chosen.empty()) launch.mpi = chosen == "mpich" ? Mpi::kMpich : Mpi::kOpenMpi;
    if (variable("SLURM_STEP_NUM_TASKS") != nullptr && launch.mpi != Mpi::kOpenMpi)
      launch.launcher = Launcher::kSlurm;  // srun --mpi=pmi2 sets the variables of MPICH
    return launch;
  }
  return std::nullopt;
}

std::optional<Launch> launch_of_process() {
  return launch_of([](const char* name) { return std::getenv(name); });
}

std::string program_of(Launcher launcher) {
  return launcher == Launcher::kSlurm ? "srun" : "mpirun";
}

}  // namespace lucid
