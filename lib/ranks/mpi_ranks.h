#pragma once

#include <functional>
#include <string>

#include "ranks/launch.h"
#include "ranks/ranks.h"

namespace lucid {

// Does the work in this process as one of those that an MPI's launcher has started, and returns the
// exit code, on all of them the same. An error is told by `say`, on one rank: that of the lowest
// rank that has one of its own, which it names together with the host unless it is that of all.
// Where a rank fails while others compute for long, it tells that by itself and ends all processes.
// Throws Error(kFailed) before the work begins if there is no module for the MPI.
int run_mpi_ranks(const Launch& launch, const std::function<int(Ranks&)>& work,
                  const std::function<void(const std::string&)>& say);

}  // namespace lucid
