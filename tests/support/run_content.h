#pragma once

#include <map>
#include <string>
#include <vector>

#include "support/temp_dir.h"

namespace lucid::test {

// All that a run leaves, apart from times: what two runs of one experiment have in common.
struct RunContent {
  // The checksums of all parameters and of all that is under /state, by name.
  std::map<std::string, std::string> last, best;
  std::vector<std::string> metrics;  // without ends that a later part of the run went beyond
  std::vector<std::string> table;
  std::vector<std::string> files;  // in its folder
  friend bool operator==(const RunContent&, const RunContent&) = default;
};

// Throws Error if a checkpoint is not whole.
RunContent run_content(const std::filesystem::path& run);

// Returns where two runs differ; empty if they are equal.
std::string difference(const RunContent& wanted, const RunContent& found);

}  // namespace lucid::test
