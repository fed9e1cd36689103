#pragma once

#include <functional>
#include <optional>
#include <string>

namespace lucid {

// What has started this process as one of several, as its variables say.
struct Launch {
  enum class Mpi { kOpenMpi, kMpich };
  enum class Launcher { kMpirun, kSlurm };

  Mpi mpi;
  Launcher launcher;
  int rank, size;
};

// Returns the value of a variable of the environment; nullptr if there is none.
using Environment = std::function<const char*(const char*)>;

// Returns nothing for a process that no launcher has started. LUCID_MPI says which MPI it is where
// the variables do not, or "none"; throws Error(kUsage) if it says anything else.
std::optional<Launch> launch_of(const Environment& variable);
std::optional<Launch> launch_of_process();

// Returns "mpirun" or "srun".
std::string program_of(Launch::Launcher launcher);

}  // namespace lucid
