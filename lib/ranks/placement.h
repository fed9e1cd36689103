#pragma once

#include <string>
#include <vector>

#include "ranks/launch.h"
#include "ranks/ranks.h"

namespace lucid {

// Where a rank runs, and on what.
struct RankPlace {
  std::string host{};
  std::vector<int> processors{};  // that it may run on
  int cores = 1;                  // of these, as far as control groups grant their time
  int host_cores = 1;             // that it could have
  int threads = 0;                // that it was told to start; 0 for its share of the cores
};

// Describes this process. Under Slurm a job has no more of a host than it was given.
RankPlace own_place(int threads);

struct RankPlacement {
  int threads;  // of every rank: the least, as the bits of a result depend on their number
  std::vector<std::string> warnings;  // at most one a host, and about different threads
};

RankPlacement placement_of(const std::vector<RankPlace>& places, const Launch& launch);

// The same, of all ranks.
RankPlacement agreed_placement(Ranks& ranks, int threads, const Launch& launch);

}  // namespace lucid
