#pragma once

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <limits>
#include <string>

#include "ranks/ranks.h"
#include "train/config/resume.h"
#include "train_reports.h"

namespace lucid {

// The command line of lucid-train.
struct TrainOptions {
  std::string command;  // the program's arguments, as a shell reads them
  std::string config, output, resume, fold, progress = kProgressNames.front();
  Overrides overrides;
  std::filesystem::path imported{};  // where scans are imported to; empty: beside the run
  int threads = 0, rank_count = 1;
  Ranks* ranks = &alone();
  std::string ranks_name = "--ranks";  // what has said how many there are
  std::int64_t profile_steps = 0, until_epoch = std::numeric_limits<std::int64_t>::max();
  bool overlaps = true, dry_run = false, summary = false, quiet = false, overwrite = false;

  ProgressKind progress_kind() const {
    const auto at = std::ranges::find(kProgressNames, progress) - kProgressNames.begin();
    return quiet ? ProgressKind::kNone : static_cast<ProgressKind>(at);
  }
  bool trains() const { return !dry_run && profile_steps == 0; }
};

// Declares the options; what is given is stored when the program's arguments are read.
void add_train_options(CLI::App& app, TrainOptions& o);

}  // namespace lucid
