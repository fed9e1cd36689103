#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"

namespace lucid {

// One run of a sweep: what it puts in the place of the file's choices, by key as --set writes it.
struct SweepRun {
  std::string name;  // "lr=0.01_seed=2", a folder's name
  std::vector<std::pair<std::string, Json>> values{};

  // "optimizer.lr=0.01", for lucid-train's --set.
  std::vector<std::string> assignments() const;
};

// An experiment file in which objects with one key stand for choices: {"$grid": [..]} for all of
// some values, {"$choice": [..]}, {"$uniform": [low, high]} and {"$log": [low, high]} for drawn
// ones, and {"$seeds": n} for the seeds 0 to n - 1. Runs are all combinations of the grids and
// seeds; with choices to draw, all of them with each of so many draws, which depend on the file's
// seed, the key and the number of the draw alone.
class Sweep {
 public:
  // Throws Error(kUsage) that lists all mistakes of the choices. The rest of the file is not
  // checked.
  Sweep(Json json, const std::string& file, std::int64_t samples);

  const std::vector<SweepRun>& runs() const { return runs_; }
  // The experiment of one of the runs.
  Json experiment(const SweepRun& run) const;

 private:
  Json json_;
  std::vector<SweepRun> runs_;
};

}  // namespace lucid
