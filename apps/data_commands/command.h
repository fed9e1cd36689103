#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>

#include "base/stopwatch.h"
#include "data/hdf5/write.h"

namespace lucid {

// A subcommand of lucid-data. It holds what the command line says of it, so it outlives the parse.
class DataCommand {
 public:
  DataCommand(CLI::App& app, const std::string& name, const std::string& description);
  virtual ~DataCommand() = default;
  DataCommand(const DataCommand&) = delete;
  DataCommand& operator=(const DataCommand&) = delete;

  bool is_chosen() const { return options_.parsed(); }
  virtual int run() = 0;  // the exit code, where no Error says it

 protected:
  CLI::App& options_;
};

// The file that a subcommand writes.
struct OutputFile {
  std::string path;
  bool may_overwrite = false;
};
void add_output(CLI::App& options, OutputFile& output);
// Throws Error(kUsage) where it exists and may not be replaced.
void check_output(const OutputFile& output);
// An HDF5 file gets its name when it is complete.
void write_output(const OutputFile& output, const std::function<void(hdf5::Writer&)>& fill);

// Tells on stderr how far work has come, on a terminal in one line, elsewhere now and then; and
// ends it when a signal asks for that: update() throws Stopped then, which run_stoppable() turns
// into the exit code. What was not finished goes away on the way.
class WorkProgress {
 public:
  WorkProgress();
  ~WorkProgress();
  WorkProgress(const WorkProgress&) = delete;
  WorkProgress& operator=(const WorkProgress&) = delete;
  void update(const std::string& name, double share);

 private:
  bool draws_;
  int percent_ = -1;
  Stopwatch since_line_;
};
int run_stoppable(const std::function<void()>& work);

// --threads; default: one a core, or OMP_NUM_THREADS.
CLI::Option* add_threads(CLI::App& options, int& threads);

// One file a group; main() lists them.
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
