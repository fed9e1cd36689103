#include "data_commands/command.h"

#include <filesystem>

#include "base/error.h"
#include "base/file.h"

namespace lucid {

DataCommand::DataCommand(CLI::App& app, const std::string& name, const std::string& description)
    : options_(*app.add_subcommand(name, description)) {}

void add_output(CLI::App& options, OutputFile& output) {
  options.add_option("--output", output.path, "The file to write")->required()->type_name("FILE");
  options.add_flag("--overwrite", output.may_overwrite, "Replace an existing output");
}

void check_output(const OutputFile& output) {
  if (!output.may_overwrite && std::filesystem::exists(output.path))
    throw Error(ExitCode::kUsage, output.path + ": exists; --overwrite replaces it");
}

void write_output(const OutputFile& output, const std::function<void(hdf5::Writer&)>& fill) {
  check_output(output);
  UnfinishedFile unfinished(output.path);
  hdf5::Writer writer(unfinished.path(), output.path);
  fill(writer);
  writer.close();
  unfinished.put_in_place();
}

}  // namespace lucid
