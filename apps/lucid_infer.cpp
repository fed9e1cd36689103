#include <algorithm>
#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/stopwatch.h"
#include "base/text.h"
#include "calibration_arguments.h"
#include "folds/named_checkpoints.h"
#include "infer/folder_output.h"
#include "infer/infer.h"
#include "infer/predict/prediction_preview.h"
#include "infer_reports.h"
#include "limit_spinning.h"
#include "postprocess_arguments.h"
#include "program.h"
#include "progress_bar.h"
#include "stop_signal.h"

namespace lucid {
namespace {

struct Options {
  InferOptions infer;
  std::vector<std::string> checkpoints;
  std::string activation = "none", precision = "float32";
  std::string patch, overlap, blend = "gaussian", tta = "none";
  std::optional<std::string> output_type;
  std::optional<std::int64_t> memory_mib;
  std::vector<double> voxel_size;
  std::vector<std::string> postprocess;
  CalibrationArguments calibration;
  bool json = false, quiet = false;
};

void add_input_options(CLI::App& app, Options& o) {
  app.add_option("--checkpoint", o.checkpoints,
                 "Checkpoint, or folder of a run; of several, or of a folder of folds, the "
                 "mean is predicted")
      ->required()
      ->type_name("FILE...");
  app.add_option("--input", o.infer.inputs, "HDF5 or other volumes, globs or folders")
      ->required()
      ->type_name("FILE...");
  app.add_option("--dataset", o.infer.dataset, "Dataset of them; default: the training set's")
      ->type_name("PATH");
  app.add_option("--axes", o.infer.axes,
                 "Its axes, letters of n c d h w; default: the training set's")
      ->type_name("LETTERS");
  app.add_option("--target", o.infer.target, "Dataset to compare with: prints loss and metrics")
      ->type_name("PATH");
  app.add_option("--mask", o.infer.mask,
                 "Dataset that is 0 where the target does not count; default: the training set's")
      ->type_name("PATH");
  app.add_option("--voxel-size", o.voxel_size,
                 "mm along d, h, w of inputs that do not say it, where training set a spacing")
      ->delimiter(',')
      ->expected(3)
      ->check(CLI::PositiveNumber)
      ->type_name("D,H,W");
}

void add_output_options(CLI::App& app, Options& o) {
  app.add_option("--output", o.infer.output, "Volume, by its suffix; a folder for many")
      ->required()
      ->type_name("PATH");
  app.add_option("--format", o.infer.format, "Suffix of the files in a folder")
      ->check(one_of({"nii.gz", "nii", "nrrd", "mha", "tif", "zarr", "h5"}))
      ->capture_default_str();
  app.add_flag("--keep-spacing", o.infer.keeps_spacing,
               "Write the voxels that the network sees, not those of the input");
  app.add_option("--activation", o.activation,
                 "Function applied to the output: none, softmax, sigmoid, argmax")
      ->check(one_of(activation_names()))
      ->capture_default_str();
  app.add_option(
         "--output-type", o.output_type,
         "Type of the output: float32, float16, uint8 (probabilities times 255, or classes), "
         "uint16, int32; default: float32, of classes int32 or the smallest unsigned")
      ->check(one_of(output_type_names()));
  app.add_option("--postprocess", o.postprocess,
                 "What is done to the classes of argmax: options of lucid-data postprocess, as "
                 "keep-largest=per-class fill-holes, or none; default: what validation chose for "
                 "the checkpoint")
      ->type_name("RULE...");
}

void add_run_options(CLI::App& app, Options& o) {
  app.add_option("--batch-size", o.infer.batch_size,
                 "Samples per batch; default: the training config's, 1 for windows")
      ->check(integer_range(1, 1 << 24));
  app.add_option("--threads", o.infer.threads, "Threads; default: one per core, or OMP_NUM_THREADS")
      ->check(integer_range(1, 4096));
  app.add_option(
         "--precision", o.precision,
         "Type of convolutions and matrix products: float32, bfloat16; int8 with --calibrate")
      ->check(one_of(precision_names()))
      ->capture_default_str();
  app.add_option("--csv", o.infer.csv, "Also write a table, a row per sample")->type_name("FILE");
  app.add_option("--preview", o.infer.preview, "Also draw the first volume and its prediction")
      ->type_name("FILE");
  app.add_flag("--overwrite", o.infer.may_overwrite, "Replace existing outputs");
  app.add_flag("--json", o.json, "Results on stdout as one JSON object");
  app.add_flag("--quiet", o.quiet, "No progress on stderr");
}

void add_tile_options(CLI::App& app, Options& o) {
  const std::string group = "Windows, for volumes of any size";
  app.add_option("--patch", o.patch,
                 "Size of a window, or auto: the largest that fits --memory; default: what the "
                 "network was trained on")
      ->type_name("D,H,W")
      ->group(group);
  app.add_option(
         "--overlap", o.overlap,
         "Share of a window that is its neighbour's, too, or auto: as much as the receptive "
         "field needs; default: 0.5")
      ->type_name("SHARE")
      ->group(group);
  app.add_option("--blend", o.blend, "How windows are weighted where they overlap")
      ->check(one_of(blend_names()))
      ->capture_default_str()
      ->group(group);
  app.add_option(
         "--tta", o.tta,
         "flips: average the predictions over the mirror images of a window or sample along "
         "the axes that training mirrored; or along these: letters of d h w")
      ->type_name("LETTERS")
      ->capture_default_str()
      ->group(group);
  app.add_option("--memory", o.memory_mib, "MiB for --patch auto; default: half of the machine's")
      ->check(integer_range(std::int64_t{1}, std::int64_t{1} << 30))
      ->type_name("MIB")
      ->group(group);
}

// Windows are used if one of their options is given.
void read_tile_options(Options& o) {
  const bool is_wanted = !o.patch.empty() || !o.overlap.empty() || o.blend != "gaussian" ||
                         o.tta != "none" || o.memory_mib;
  if (!is_wanted) return;
  TileOptions tiles;
  if (!o.patch.empty()) read_patch(o.patch, tiles);
  if (!o.overlap.empty()) read_overlap(o.overlap, tiles);
  tiles.blend = blend_named(o.blend);
  read_tta(o.tta, tiles);
  tiles.memory_mib = o.memory_mib;
  if (o.memory_mib && !tiles.takes_largest)
    throw Error(ExitCode::kUsage, "--memory: expected it with --patch auto only");
  o.infer.tiles = tiles;
}

void read_types(Options& o) {
  o.infer.activation = activation_named(o.activation);
  o.infer.calibration = read_calibration_options(o.calibration, precision_named(o.precision));
  o.infer.precision = usable_precision("--precision", o.precision);
  if (o.output_type) o.infer.output_type = output_type_named(*o.output_type);
  o.infer.takes_stored_rules = o.postprocess.empty();
  if (!o.postprocess.empty() && o.postprocess != std::vector<std::string>{"none"}) {
    PostprocessArguments arguments("--postprocess ");
    for (const std::string& rule : o.postprocess) arguments.add(rule);
    o.infer.postprocess = arguments.rules("lucid-infer");
  }
  if (!o.voxel_size.empty())
    o.infer.voxel_size = VoxelSize{o.voxel_size[0], o.voxel_size[1], o.voxel_size[2]};
}

int run(Options& o) {
  read_types(o);
  read_tile_options(o);
  o.infer.checkpoints = named_checkpoints(o.checkpoints);
  const Stopwatch watch;
  ProgressBar bar(o.quiet ? ProgressBar::Kind::kNone : ProgressBar::Kind::kDrawn);
  const bool is_folder = is_folder_output(o.infer);
  const std::string partial = o.infer.output.string() + ".partial";  // only of windows
  const InferResult result = infer(
      o.infer,
      [&](std::int64_t done, std::int64_t all) {
        if (!o.quiet && (is_folder || std::filesystem::exists(partial)))
          set_stop_note("stopped; what is finished lies in " +
                        (is_folder ? o.infer.output.string() : partial) +
                        ": the same command goes on with it");
        bar.show(done, all);
        return true;
      },
      [&](const std::string& line) { bar.print(line); });
  bar.clear();
  set_stop_note("");
  if (o.infer.preview && result.is_writer)
    write_prediction_preview(o.infer.output, o.infer.axes,
                             {*o.infer.preview, o.infer.may_overwrite});
  if (result.calibration)
    if (const std::string warning = calibration_warning(*result.calibration); !warning.empty())
      print_warning(warning);
  if (!result.non_finite.empty()) print_warning(result.non_finite);
  warn_of_undefined(result, o.infer);
  if (!o.quiet) std::cerr << infer_summary(result, o.infer, watch.seconds()) << '\n';
  if (!o.quiet && !result.is_writer)
    std::cerr << o.infer.output.string() << ": complete, written by "
              << (result.written_by.empty() ? "another process" : result.written_by) << '\n';
  if (o.json)
    print_infer_json(result, o.infer, watch.seconds());
  else
    print_infer_text(result, o.infer);
  return 0;
}

}  // namespace
}  // namespace lucid

int main(int argc, char** argv) {
  lucid::limit_spinning(argv);
  CLI::App app("Predicts volumes with a trained network; the checkpoint is all it needs.",
               "lucid-infer");
  app.set_version_flag("--version", "lucid-infer " LUCID_VERSION);
  lucid::Options options;
  lucid::add_input_options(app, options);
  lucid::add_output_options(app, options);
  lucid::add_run_options(app, options);
  lucid::add_tile_options(app, options);
  lucid::add_calibration_options(app, options.calibration);
  return lucid::run_program(app, argc, argv, [&] { return lucid::run(options); });
}
