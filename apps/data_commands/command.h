#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "arguments.h"
#include "base/file.h"
#include "base/stopwatch.h"
#include "data/hdf5/write.h"
#include "progress_bar.h"

namespace lucid {

// A subcommand of lucid-data. It holds its parsed options, so it must outlive the parse.
class DataCommand {
 public:
  DataCommand(CLI::App& app, const std::string& name, const std::string& description);
  virtual ~DataCommand() = default;
  DataCommand(const DataCommand&) = delete;
  DataCommand& operator=(const DataCommand&) = delete;

  bool is_chosen() const { return options_.parsed(); }
  virtual int run() = 0;  // returns the exit code

 protected:
  CLI::App& options_;
};

void add_output(CLI::App& options, OutputFile& output);
// Throws Error unless the output can be written and is none of the files that are read, nor one
// that their datasets are stored in. The first file is the most telling one in messages.
void check_output(const OutputFile& output, const std::vector<std::filesystem::path>& inputs);
// Writes an HDF5 file, which appears when it is complete.
void write_output(const OutputFile& output, const std::function<void(hdf5::Writer&)>& fill);

// Shows the progress of work on stderr, on a terminal in one line, otherwise in a line now and
// then.
class WorkProgress {
 public:
  WorkProgress() = default;
  ~WorkProgress();
  WorkProgress(const WorkProgress&) = delete;
  WorkProgress& operator=(const WorkProgress&) = delete;
  void update(const std::string& name, double share);

 private:
  ProgressBar bar_;
  int percent_ = -1;
  Stopwatch since_line_;
};

// Prints warnings to stderr, of many only the first ones and how many more there are.
void print_warnings(const std::vector<std::string>& warnings);

// Adds --threads; default: one per core, or OMP_NUM_THREADS.
CLI::Option* add_threads(CLI::App& options, int& threads);

// Subcommands are implemented in one file per group; main() lists them.
std::unique_ptr<DataCommand> make_command(CLI::App& app);
std::unique_ptr<DataCommand> patches_command(CLI::App& app);
std::unique_ptr<DataCommand> info_command(CLI::App& app);
std::unique_ptr<DataCommand> stats_command(CLI::App& app);
std::unique_ptr<DataCommand> rechunk_command(CLI::App& app);
std::unique_ptr<DataCommand> import_command(CLI::App& app);
std::unique_ptr<DataCommand> export_command(CLI::App& app);
std::unique_ptr<DataCommand> view_command(CLI::App& app);
std::unique_ptr<DataCommand> split_command(CLI::App& app);

}  // namespace lucid
