#pragma once

#include <memory>
#include <vector>

#include "runs/run.h"
#include "subcommand.h"

namespace lucid {

// Finds runs, and tells on stderr which folders were passed over. Throws Error(kUsage) if there is
// no run at all.
std::vector<Run> runs_of(const std::vector<std::string>& folders);

// Subcommands are implemented in one file each; main() lists them.
std::unique_ptr<Subcommand> list_command(CLI::App& app);
std::unique_ptr<Subcommand> show_command(CLI::App& app);
std::unique_ptr<Subcommand> compare_command(CLI::App& app);
std::unique_ptr<Subcommand> report_command(CLI::App& app);
std::unique_ptr<Subcommand> sweep_command(CLI::App& app);
std::unique_ptr<Subcommand> watch_command(CLI::App& app);
std::unique_ptr<Subcommand> clean_command(CLI::App& app);

}  // namespace lucid
