#include "infer/infer.h"

#include "base/text.h"
#include "data/array/axes.h"
#include "infer/predict/whole.h"
#include "infer/tiled/tiled.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

// Refuses an output that would overwrite one of the files that are read.
void check_outputs(const InferOptions& options, const std::vector<fs::path>& inputs) {
  const auto refuse = [](const fs::path& path, const std::string& what) {
    throw Error(ExitCode::kUsage,
                path.string() + ": expected another file for the output, found the " + what);
  };
  for (const auto& output : {std::optional(options.output), options.csv}) {
    std::error_code ignored;  // a missing file is equivalent to no other
    if (!output) continue;
    if (fs::equivalent(*output, options.checkpoint, ignored)) refuse(*output, "checkpoint");
    for (const fs::path& input : inputs)
      if (fs::equivalent(*output, input, ignored)) refuse(*output, "input");
  }
  if (options.csv && fs::weakly_canonical(*options.csv) == fs::weakly_canonical(options.output))
    refuse(*options.csv, "file for /predictions");
}

void check_mask(const InferOptions& options) {
  if (options.mask && !options.target) throw Error(ExitCode::kUsage, "--mask requires --target");
}

std::string axes_text(const std::array<bool, 3>& axes) {
  std::vector<std::string> names;
  for (std::size_t axis = 0; axis < 3; ++axis)
    if (axes[axis]) names.emplace_back(1, "dhw"[axis]);
  return names.empty() ? "none" : join(names, ", ");
}

// A network knows mirror images only if it was trained on them.
void note_flips(const InferOptions& options, const TrainedConfig& config, const InferNote& note) {
  if (!options.tiles || !options.tiles->flips) return;
  std::array<bool, 3> unknown{};
  for (std::size_t axis = 0; axis < 3; ++axis)
    unknown[axis] = !config.mirrored[axis] && config.graph.input_shape()[axis + 1] > 1;
  if (unknown == std::array<bool, 3>{}) return;
  note("warning: " + options.checkpoint.string() +
       ": --tta flips expects a network that was trained on mirror images along d, h, w, found "
       "RandomFlip along " +
       axes_text(config.mirrored) +
       "; predictions may be much worse: leave --tta out, or train with RandomFlip along " +
       axes_text(unknown));
}

VolumesConfig volumes_for(const InferOptions& options, const VolumesConfig& trained_on) {
  VolumesConfig volumes{options.inputs, options.dataset.value_or(trained_on.input),
                        options.target.value_or(""), trained_on.axes};
  if (!options.dataset) volumes.other_inputs = trained_on.other_inputs;
  if (options.target) volumes.mask = options.mask.value_or(trained_on.mask);
  if (!options.axes) return volumes;
  const std::string error = axes_error(*options.axes);
  if (!error.empty()) throw Error(ExitCode::kUsage, "--axes: " + error);
  volumes.axes = *options.axes;
  return volumes;
}

}  // namespace

InferResult infer(const InferOptions& options, const InferProgress& progress,
                  const InferNote& note) {
  TrainedConfig config = read_trained_config(options.checkpoint);
  const std::vector<fs::path> files = expand_files(options.inputs, "");
  check_outputs(options, files);
  check_mask(options);
  const VolumesConfig wanted = volumes_for(options, config.volumes);
  TileVolumes volumes = open_tile_volumes(wanted, files);
  note_flips(options, config, note);
  if (is_tiled(options, config, volumes))
    return infer_tiled(options, std::move(config), std::move(volumes), progress, note);
  if (options.mask)
    throw Error(ExitCode::kUsage,
                "--mask requires volumes that are cut into windows; give --patch");
  return infer_whole(options, std::move(config), wanted, files, progress);
}

}  // namespace lucid
