#include "infer/folder_output.h"

#include <map>

#include "base/command_files.h"
#include "base/file.h"
#include "base/text.h"
#include "formats/open/open_volume.h"
#include "infer/volume/volume_input.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

// What a folder cannot hold, as there is one of it for all inputs.
void check_options(const InferOptions& options) {
  const std::string output = options.output.string();
  for (const auto& [is_given, name] : {std::pair(options.csv.has_value(), "--csv"),
                                       std::pair(options.preview.has_value(), "--preview"),
                                       std::pair(options.target.has_value(), "--target")})
    if (is_given)
      throw Error(
          ExitCode::kUsage,
          std::string(name) + ": expected one file as --output, found the folder " + output);
}

}  // namespace

bool is_folder_output(const InferOptions& options) {
  return !options.output.has_filename() || kind_of(options.output) == FileKind::kFolder;
}

std::vector<InferOptions> runs_into_folder(const InferOptions& options) {
  check_options(options);
  std::map<fs::path, fs::path> inputs;  // by output
  std::vector<InferOptions> runs;
  CommandFiles files;
  for (const fs::path& input : expand_inputs(options.inputs)) {
    InferOptions run = options;
    run.inputs = {input.string()};
    run.output = options.output / (case_name(input) + "." + options.format);
    const auto [known, is_new] = inputs.emplace(run.output, input);
    if (!is_new)
      throw Error(ExitCode::kUsage, input.string() + ": expected names that differ, found " +
                                        known->second.string() +
                                        "; predict them into folders of their own");
    runs.push_back(std::move(run));
    files.reads(input, "input");
  }
  fs::create_directories(options.output);
  for (const InferOptions& run : runs) files.writes(run.output_file(), "prediction");
  files.check();
  return runs;
}

void add_result(const std::string& name, const InferResult& one, InferResult& all) {
  all.samples += one.samples;
  all.windows += one.windows;
  all.windows_computed += one.windows_computed;
  all.windows_earlier += one.windows_earlier;
  all.windows_again += one.windows_again;
  all.was_stopped = one.was_stopped;
  all.window = one.window;
  all.written_by = one.written_by;
  if (all.non_finite.empty()) all.non_finite = one.non_finite;
  if (!all.calibration) all.calibration = one.calibration;
  if (one.postprocessed) {
    if (!all.postprocessed) all.postprocessed.emplace();
    *all.postprocessed += *one.postprocessed;
  }
  all.predictions = one.predictions;
  for (const auto& [dataset, shape] : one.volumes)
    all.volumes.emplace_back(one.volumes.size() == 1 ? name : name + ": " + dataset, shape);
}

}  // namespace lucid
