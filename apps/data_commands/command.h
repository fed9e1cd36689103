#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "arguments.h"
#include "base/file.h"
#include "data/hdf5/write.h"
#include "subcommand.h"

namespace lucid {

void add_output(CLI::App& options, OutputFile& output);
// Throws Error unless the output can be written and is none of the files that are read, nor one
// that their datasets are stored in. The first file is the most telling one in messages.
void check_output(const OutputFile& output, const std::vector<std::filesystem::path>& inputs);
// Writes an HDF5 file, which appears when it is complete.
void write_output(const OutputFile& output, const std::function<void(hdf5::Writer&)>& fill);

// Prints warnings to stderr, of many only the first ones and how many more there are.
void print_warnings(const std::vector<std::string>& warnings);

// Adds --threads; default: one per core, or OMP_NUM_THREADS.
CLI::Option* add_threads(CLI::App& options, int& threads);

// Subcommands are implemented in one file per group; main() lists them.
std::unique_ptr<Subcommand> make_command(CLI::App& app);
std::unique_ptr<Subcommand> patches_command(CLI::App& app);
std::unique_ptr<Subcommand> info_command(CLI::App& app);
std::unique_ptr<Subcommand> stats_command(CLI::App& app);
std::unique_ptr<Subcommand> rechunk_command(CLI::App& app);
std::unique_ptr<Subcommand> import_command(CLI::App& app);
std::unique_ptr<Subcommand> export_command(CLI::App& app);
std::unique_ptr<Subcommand> view_command(CLI::App& app);
std::unique_ptr<Subcommand> split_command(CLI::App& app);
std::unique_ptr<Subcommand> evaluate_command(CLI::App& app);
std::unique_ptr<Subcommand> postprocess_command(CLI::App& app);

}  // namespace lucid
