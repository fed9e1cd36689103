#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "runs/run.h"

namespace lucid {

// Which runs are to be removed: those that meet all that is said. A running one never is.
struct RemovalChoice {
  std::vector<std::string> states{};        // one of these; empty: any
  std::optional<std::int64_t> keep_best{};  // not among so many best, by the same monitored value
  std::optional<double> older_than_seconds{};  // its log was not written to for so long
};
std::vector<Run> chosen_runs(std::vector<Run> runs, const RemovalChoice& choice);

// What of a run is to be removed, and what stays in its folder because lucid-train did not write
// it: other files, and links, which are never followed.
struct Removal {
  std::filesystem::path folder{};
  std::vector<std::filesystem::path> files{}, others{};
  std::uint64_t bytes = 0;  // of the files
};
Removal removal_of_run(const std::filesystem::path& folder);
// Removes the last checkpoint where there is a best one. The logs stay, and the run cannot go on.
Removal removal_of_checkpoints(const std::filesystem::path& folder);

// Removes the files and the folders that are empty then, with the run's lock. Throws Error(kFailed)
// if a process trains the run by now.
void remove(const Removal& removal);

}  // namespace lucid
