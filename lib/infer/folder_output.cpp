#include "infer/folder_output.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <thread>

#include "base/command_files.h"
#include "base/file.h"
#include "base/text.h"
#include "data/array/axes.h"
#include "formats/open/open_volume.h"
#include "formats/zarr/zarr_path.h"
#include "infer/folder_progress.h"
#include "infer/tiled/tiled.h"
#include "infer/volume/volume_input.h"
#include "infer/volume/volume_output.h"

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

// Returns the options of one run for each input. Existing outputs are FolderProgress's.
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
  for (const InferOptions& run : runs) add_output(files, {run.output, true}, "prediction");
  files.writes({FolderProgress::list_in(options.output), true}, "list of predictions");
  files.check();
  return runs;
}

// Adds the result of one of these runs to that of all.
void add_result(const std::string& name, const InferResult& one, InferResult& all) {
  all.samples += one.samples;
  all.windows += one.windows;
  all.windows_computed += one.windows_computed;
  all.windows_earlier += one.windows_earlier;
  all.windows_again += one.windows_again;
  all.was_stopped = one.was_stopped;
  if (one.windows > 0) all.window = one.window;
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

// Returns what a complete output holds.
InferResult result_in(const fs::path& output) {
  InferResult result;
  if (is_volume_output(output)) {
    const VolumeHeader header = open_volume(output, {}).header();
    const Shape stored(header.extents);
    std::vector<std::int64_t> extents{1};
    for (const char axis : std::string_view("cdhw"))
      if (header.axes.find(axis) != std::string::npos)
        extents.push_back(axis_extent(header.axes, stored, axis));
    result.volumes.emplace_back("predictions", Shape(extents));
  } else {
    const hdf5::File file(output);
    for (const std::string& dataset : file.datasets())
      result.volumes.emplace_back(dataset, file.open(dataset).shape());
  }
  for (const auto& [name, shape] : result.volumes) result.samples += shape[0];
  result.predictions = result.volumes.front().second;
  return result;
}

// The predictions of a folder, of which other processes may compute some.
class FolderRun {
 public:
  FolderRun(const InferOptions& options, const PredictOne& predict, const InferProgress& progress)
      : runs_(runs_into_folder(options)),
        results_(runs_.size()),
        predict_(predict),
        progress_(progress),
        folder_(options.output, runs_) {}

  InferResult run() {
    while (predict_free() && !is_complete())
      if (!help() && !wait()) was_stopped_ = true;
    InferResult all;
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      const bool is_own = results_[i].has_value();
      if (!is_own && was_stopped_) continue;
      if (!is_own) clear_prediction(runs_[i].output_file());
      const InferResult one = is_own ? *results_[i] : result_in(runs_[i].output);
      if (!is_own) ++all.files_of_others;
      add_result(runs_[i].output.filename().string(), one, all);
    }
    all.was_stopped = was_stopped_;
    if (!was_stopped_) remove_left();
    return all;
  }

 private:
  // A process may have been killed while it wrote an output that another one had begun to write.
  void remove_left() const {
    for (const InferOptions& run : runs_) remove_leftovers(run.output);
  }

  bool is_complete() {
    return std::ranges::all_of(runs_, [&](const auto& run) { return folder_.is_complete(run); });
  }

  // Predicts what no process has. False if it was told to stop.
  bool predict_free() {
    for (std::size_t i = 0; i < runs_.size() && !was_stopped_; ++i) {
      if (folder_.is_complete(runs_[i])) continue;
      if (const auto claim = folder_.claim(runs_[i])) take(i, predict_(runs_[i]));
    }
    return !was_stopped_;
  }

  void take(std::size_t i, InferResult result) {
    was_stopped_ = result.was_stopped;
    if (!was_stopped_) folder_.complete(runs_[i]);
    results_[i] = std::move(result);
    pause_ = kShortestPause;
  }

  // Shares the windows of a file that another process predicts; false if there is none. The other
  // one may end meanwhile: then its output is in place, which this process must not replace.
  bool help() {
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      if (folder_.is_complete(runs_[i]) || !may_be_predicted(runs_[i].output_file())) continue;
      InferOptions run = runs_[i];
      run.may_overwrite = false;
      try {
        take(i, predict_(run));
        return true;
      } catch (const Error& error) {
        if (error.code() != ExitCode::kUsage) throw;
      }
    }
    return false;
  }

  // False if it was told to stop.
  bool wait() {
    std::this_thread::sleep_for(pause_);
    pause_ = std::min(2 * pause_, kLongestPause);
    return progress_(0, 1);
  }

  static constexpr std::chrono::milliseconds kShortestPause{5}, kLongestPause{500};

  std::vector<InferOptions> runs_;
  std::vector<std::optional<InferResult>> results_;  // of those that this process predicted
  const PredictOne& predict_;
  const InferProgress& progress_;
  FolderProgress folder_;
  bool was_stopped_ = false;
  std::chrono::milliseconds pause_ = kShortestPause;
};

}  // namespace

bool is_folder_output(const InferOptions& options) {
  if (is_zarr_store(options.output)) return false;
  return !options.output.has_filename() || kind_of(options.output) == FileKind::kFolder;
}

InferResult predict_into_folder(const InferOptions& options, const PredictOne& predict,
                                const InferProgress& progress) {
  return FolderRun(options, predict, progress).run();
}

}  // namespace lucid
