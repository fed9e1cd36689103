#include "infer/infer.h"

#include <algorithm>

#include "base/command_files.h"
#include "base/file.h"
#include "base/text.h"
#include "data/array/axes.h"
#include "data/hdf5/files_behind.h"
#include "data/volumes/case_choice.h"
#include "formats/open/open_volume.h"
#include "formats/zarr/zarr_path.h"
#include "infer/folder_output.h"
#include "infer/predict/members.h"
#include "infer/predict/predicted_labels.h"
#include "infer/predict/trained_flips.h"
#include "infer/predict/validated_postprocessing.h"
#include "infer/predict/whole.h"
#include "infer/tiled/tiled.h"
#include "infer/volume/volume_input.h"
#include "infer/volume/volume_output.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

void check_outputs(const InferOptions& options, const std::vector<fs::path>& inputs) {
  CommandFiles files;
  if (may_be_predicted(options.output_file()))
    files.shares(options.output, "file for /predictions");
  else
    add_output(files, options.output_file(), "file for /predictions");
  if (options.csv) files.writes({*options.csv, options.may_overwrite}, "file for --csv");
  if (options.preview) files.writes({*options.preview, options.may_overwrite}, "preview");
  for (const fs::path& checkpoint : options.checkpoints) files.reads(checkpoint, "checkpoint");
  for (const fs::path& input : inputs) {
    if (!is_volume_file(input)) hdf5::add_input(files, input, "input");
    if (const auto store = zarr_path(input)) files.reads(store->store, "input");
    if (is_volume_file(input) && kind_of(input) != FileKind::kMissing)
      for (const fs::path& file : files_of_volume(input)) files.reads(file, "input");
  }
  if (options.calibration)
    for (const fs::path& file : expand_files({options.calibration->file}, ""))
      hdf5::add_input(files, file, "file of --calibrate");
  files.check();
}

void check_checkpoints(const InferOptions& options) {
  if (options.calibration && options.checkpoints.size() > 1)
    throw Error(ExitCode::kUsage,
                "--precision int8: expected one checkpoint, found " +
                    std::to_string(options.checkpoints.size()) +
                    "; each network would be rounded by itself: take bfloat16, or one of them");
}

void check_mask(const InferOptions& options) {
  if (options.mask && !options.target) throw Error(ExitCode::kUsage, "--mask requires --target");
}

// A volume file holds one volume and nothing that says where it came from.
void check_volume_files(const InferOptions& options, const TileVolumes& volumes) {
  const Stack& first = volumes.stacks.front().first();
  const bool is_volume = is_volume_output(options.output);
  if (options.preview && (is_volume || first.source() != nullptr))
    throw Error(ExitCode::kUsage,
                "--preview requires HDF5 files as input and output; lucid-data "
                "preview draws others");
  if (!is_volume || (volumes.stacks.size() == 1 && first.samples() == 1)) return;
  throw Error(ExitCode::kUsage,
              options.output.string() + ": expected one volume, found " +
                  std::to_string(volumes.stacks.size() * first.samples()) +
                  "; give a folder for one file each, or a name that ends in .h5");
}

// TIFF says how large voxels are, and nothing else of their place; NIfTI and MetaImage say where
// they lie in a patient, or nothing.
void note_lost_place(const InferOptions& options, const TileVolumes& volumes,
                     const InferNote& note) {
  if (!is_volume_output(options.output)) return;
  const auto geometry = geometry_of(volumes.stacks.front().first());
  if (!geometry) return;
  if (is_tiff_output(options.output) && geometry->is_oriented())
    note(options.output.string() +
         ": TIFF keeps the size of voxels only, not where the volume lies in the patient");
  const bool is_placed = geometry->affine != plain_geometry(geometry->voxel_size).affine;
  if (keeps_place_of_patient_only(options.output) && !geometry->is_oriented() && is_placed)
    note(options.output.string() +
         ": keeps the size of voxels only, as the input does not say how it lies in a patient; "
         ".nrrd, .zarr and .h5 keep the place");
}

// A fold has not learned the files of the cases that it holds out. Cases that are not named by
// files tell nothing of these.
std::vector<std::string> learned_files(const VolumesConfig& trained_on) {
  std::vector<std::string> learned;
  for (const std::string& file : trained_on.files)
    if (std::ranges::any_of(trained_on.cases,
                            [&](const std::string& name) { return may_be_of(name, file); }))
      learned.push_back(file);
  return learned.empty() ? trained_on.files : learned;
}

// Warns where values are measured on what the network has learned.
void note_learned(const std::vector<fs::path>& files, const std::vector<std::string>& learned,
                  const InferNote& note) {
  std::vector<fs::path> found;
  for (const fs::path& file : files)
    for (const std::string& known : learned) {
      std::error_code ignored;  // a missing file is equivalent to no other
      if (!fs::equivalent(file, known, ignored)) continue;
      found.push_back(file);
      break;
    }
  if (found.empty()) return;
  note("warning: " + found.front().string() +
       (found.size() == 1 ? "" : " and " + std::to_string(found.size() - 1) + " others") +
       ": the network was trained on it: what is measured says nothing of new data");
}

VolumesConfig volumes_for(const InferOptions& options, const VolumesConfig& trained_on) {
  VolumesConfig volumes{options.inputs, options.dataset.value_or(trained_on.input),
                        options.target.value_or(""), trained_on.axes};
  volumes.axes_remedy = "give --axes ndhw or --axes cdhw";
  volumes.cases = options.cases;
  volumes.merges = trained_on.merges;
  if (!options.dataset) volumes.other_inputs = trained_on.other_inputs;
  if (options.target) volumes.mask = options.mask.value_or(trained_on.mask);
  if (!options.axes) return volumes;
  const std::string error = axes_error(*options.axes);
  if (!error.empty()) throw Error(ExitCode::kUsage, "--axes: " + error);
  volumes.axes = *options.axes;
  return volumes;
}

// Calibration reads its file as the run reads its inputs, and with targets where there are some.
CalibrationOptions calibration_for(const InferOptions& options, const VolumesConfig& trained_on) {
  CalibrationOptions calibration = *options.calibration;
  InferOptions reading = options;
  reading.inputs = {calibration.file};
  reading.mask.reset();
  reading.cases.clear();
  calibration.is_target_wanted = options.target.has_value();
  if (!reading.target && !trained_on.target.empty()) reading.target = trained_on.target;
  calibration.volumes = volumes_for(reading, trained_on);
  calibration.files = expand_files(reading.inputs, "");
  return calibration;
}

// Files of other formats than HDF5 hold the smallest integers.
void choose_label_type(InferOptions& options, std::int64_t classes) {
  const bool are_labels = options.activation == Activation::kArgmax;
  if (options.output_type || !are_labels || !is_volume_output(options.output)) return;
  options.output_type = options.postprocess ? postprocessed_type(*options.postprocess, classes)
                                            : label_output_type(classes);
}

InferResult infer_files(InferOptions options, TrainedConfig config, const InferProgress& progress,
                        const InferNote& note) {
  const std::vector<fs::path> files = expand_inputs(options.inputs);
  choose_label_type(options, config.graph.output_shape()[0]);
  if (options.postprocess && !predicts_voxels(config.graph))
    throw Error(ExitCode::kUsage,
                "--postprocess: expected a network that predicts voxels, found predictions of " +
                    config.graph.output_shape().str());
  check_postprocess(options, config);
  check_outputs(options, files);
  check_mask(options);
  const VolumesConfig wanted = volumes_for(options, config.volumes);
  if (options.target && options.cases.empty() && wanted.input == config.volumes.input)
    note_learned(files, learned_files(config.volumes), note);
  if (options.calibration) options.calibration = calibration_for(options, config.volumes);
  if (options.voxel_size) config.grid.voxel_size = options.voxel_size;
  TileVolumes volumes = open_tile_volumes(wanted, files, config.grid);
  check_volume_files(options, volumes);
  for (const std::string& warning : volumes.warnings) note("warning: " + warning);
  note_lost_place(options, volumes, note);
  options = with_trained_flips(std::move(options), config, note);
  note_untrained_flips(options, config, note);
  if (is_tiled(options, config, volumes))
    return infer_tiled(options, std::move(config), std::move(volumes), progress, note);
  if (is_volume_output(options.output))
    throw Error(ExitCode::kUsage, options.output.string() +
                                      ": expected a name that ends in .h5, as the predictions are "
                                      "not cut into windows; give --patch for volume files");
  if (options.mask)
    throw Error(ExitCode::kUsage,
                "--mask requires volumes that are cut into windows; give --patch");
  return infer_whole(options, std::move(config), wanted, files, progress, note);
}

InferResult infer_file(const InferOptions& given, const InferProgress& progress,
                       const InferNote& note) {
  check_checkpoints(given);
  TrainedConfig config = read_members(given);
  InferOptions options = with_stored_rules(given, config, note);
  const auto rules = options.postprocess;
  InferResult result = infer_files(std::move(options), std::move(config), progress, note);
  if (!given.postprocess) result.stored_rules = rules;
  return result;
}

InferResult infer_folder(InferOptions options, const InferProgress& progress,
                         const InferNote& note) {
  const bool has_rules = options.postprocess.has_value();
  const bool takes_flips = options.tiles && options.tiles->flips_as_trained;
  if (may_take_stored_rules(options) || takes_flips) {  // all files by the same ones
    const TrainedConfig config = read_members(options);
    options = with_stored_rules(std::move(options), config, note);
    options = with_trained_flips(std::move(options), config, note);
  }
  InferResult result = predict_into_folder(
      options, [&](const InferOptions& run) { return infer_file(run, progress, note); }, progress);
  if (!has_rules) result.stored_rules = options.postprocess;
  return result;
}

}  // namespace

InferResult infer(const InferOptions& given, const InferProgress& progress, const InferNote& note) {
  InferOptions options = given;
  if (const auto zarr = zarr_path(options.output); zarr && zarr->inner.empty())
    options.output = zarr->store;  // without a slash at its end
  return is_folder_output(options) ? infer_folder(std::move(options), progress, note)
                                   : infer_file(options, progress, note);
}

}  // namespace lucid
