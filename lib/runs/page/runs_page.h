#pragma once

#include <filesystem>
#include <vector>

#include "runs/run.h"

namespace lucid {

// Writes the page that compares runs: a table, their curves, and the monitored value over what
// differs in their configs. Links to the runs' own pages, where these exist, are relative to the
// file. Throws Error(kFailed).
void write_runs_page(const std::vector<Run>& runs, const std::filesystem::path& file);

}  // namespace lucid
