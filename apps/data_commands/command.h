#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "arguments.h"
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

// The file that a subcommand writes.
struct OutputFile {
  std::string path;
  bool may_overwrite = false;
};
void add_output(CLI::App& options, OutputFile& output);
// Throws Error(kUsage) if the file exists and may not be replaced.
void check_output(const OutputFile& output);
// Writes an HDF5 file, which appears when it is complete.
void write_output(const OutputFile& output, const std::function<void(hdf5::Writer&)>& fill);

// Shows the progress of work on stderr, on a terminal in one line, otherwise in a line now and
// then. update() throws Stopped after a signal, which run_stoppable() turns into the exit code;
// unfinished files are removed during unwinding.
class WorkProgress {
 public:
  WorkProgress();
  ~WorkProgress();
  WorkProgress(const WorkProgress&) = delete;
  WorkProgress& operator=(const WorkProgress&) = delete;
  void update(const std::string& name, double share);

 private:
  ProgressBar bar_;
  int percent_ = -1;
  Stopwatch since_line_;
};
int run_stoppable(const std::function<void()>& work);

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
