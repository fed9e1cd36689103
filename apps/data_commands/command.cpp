#include "data_commands/command.h"

#include <algorithm>

#include "base/command_files.h"
#include "data/hdf5/files_behind.h"
#include "program.h"
#include "tensor/engine.h"

namespace lucid {

void add_output(CLI::App& options, OutputFile& output) {
  options.add_option("--output", output.path, "The file to write")->required()->type_name("FILE");
  options.add_flag("--overwrite", output.may_overwrite, "Replace an existing output");
}

void check_output(const OutputFile& output, const std::vector<std::filesystem::path>& inputs) {
  CommandFiles files;
  files.writes(output, "output");
  for (const std::filesystem::path& input : inputs) hdf5::add_input(files, input, "input");
  files.check();
}

void write_output(const OutputFile& output, const std::function<void(hdf5::Writer&)>& fill) {
  UnfinishedFile unfinished(output);
  hdf5::Writer writer(unfinished.path(), output.path);
  fill(writer);
  writer.close();
  unfinished.put_in_place();
}

void print_warnings(const std::vector<std::string>& warnings) {
  constexpr std::size_t kMostLines = 20;
  for (std::size_t i = 0; i < std::min(warnings.size(), kMostLines); ++i)
    print_warning(warnings[i]);
  if (warnings.size() > kMostLines)
    print_warning(std::to_string(warnings.size() - kMostLines) + " more like these");
}

CLI::Option* add_threads(CLI::App& options, int& threads) {
  // The default is read when all else is, so that an error in the environment is reported as
  // others.
  threads = 0;
  options.parse_complete_callback([&threads] {
    if (threads == 0) threads = default_threads();
  });
  return options
      .add_option("--threads", threads, "Threads; default: one per core, or OMP_NUM_THREADS")
      ->check(integer_range(1, 4096));
}

}  // namespace lucid
