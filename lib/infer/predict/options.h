#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/unfinished_file.h"
#include "data/array/voxel_size.h"
#include "data/volumes/volumes.h"
#include "infer/predict/output_type.h"
#include "infer/window/tile_options.h"
#include "labels/postprocess_rules.h"
#include "objective/metric/metric.h"
#include "tensor/precision.h"

namespace lucid {

// How the layers of a network are chosen that are computed in int8.
struct CalibrationOptions {
  std::string file;         // as typed
  double max_loss = 0.002;  // of a metric, against float32
  // Samples or windows: ranges change little beyond, and every layer is tried on all of them.
  std::int64_t limit = 16;
  // Filled by infer(). Targets that were not asked for serve if they are there.
  VolumesConfig volumes{};
  std::vector<std::filesystem::path> files{};
  bool is_target_wanted = false;
};

// A layer with weights, and how much rounding it alone costs; no loss if it cannot be rounded.
struct RoundedLayer {
  std::string name;
  bool is_rounded = false;
  std::optional<double> loss;
  std::string why_not;  // empty if it is rounded
};

struct CalibrationReport {
  std::string measure;  // what the loss is one of
  double loss = 0, max_loss = 0;
  std::int64_t samples = 0;  // or windows
  double seconds = 0;
  double float_seconds = 0, byte_seconds = 0;  // of a batch, the least
  std::vector<RoundedLayer> layers;
};

struct InferOptions {
  std::vector<std::filesystem::path> checkpoints;  // several: an ensemble, whose mean is predicted
  std::vector<std::string> inputs;                 // files, globs, folders; joined along N
  std::vector<std::string> cases{};                // of them, by name; empty: all
  // Default to those of the training config; `axes` further to the usual ones of the rank.
  std::optional<std::string> dataset, axes;
  std::optional<std::string> target;  // a dataset of the inputs to compare with
  // Marks where the target counts; defaults to the training config's.
  std::optional<std::string> mask;
  std::filesystem::path output;
  std::string format = "nii.gz";        // the suffix of the files where the output is a folder
  bool may_overwrite = false;           // output, csv and preview
  std::optional<VoxelSize> voxel_size;  // of inputs whose files do not say it
  bool keeps_spacing = false;           // predictions have the voxels that the network sees
  Activation activation = Activation::kNone;
  std::optional<OutputType> output_type;        // default: int32 for argmax, otherwise float32
  std::optional<PostprocessRules> postprocess;  // of the classes that argmax gives
  bool takes_stored_rules = true;               // without `postprocess`, those of the checkpoint
  std::optional<TileOptions> tiles;             // set if volumes are cut into windows
  std::optional<std::int64_t> batch_size;       // default: the training config's; 1 for windows
  int threads = 0;
  Precision precision = Precision::kFloat32;      // independent of the training's
  std::optional<CalibrationOptions> calibration;  // set for int8
  std::optional<std::filesystem::path> csv;       // one row per sample
  // A picture that the caller draws from the output; infer() checks that it can be written.
  std::optional<std::filesystem::path> preview;

  OutputFile output_file() const { return {output, may_overwrite}; }
};

struct InferResult {
  std::int64_t samples = 0;
  Shape predictions;      // with N, as written
  Measurements measured;  // loss and metrics against the target; empty without one
  std::optional<CalibrationReport> calibration{};
  // Set by the process that wrote the output, if the classes were postprocessed.
  std::optional<PostprocessCounts> postprocessed{};
  // The rules that it was postprocessed by, if the checkpoint said them.
  std::optional<PostprocessRules> stored_rules{};
  // A warning about inputs or predictions that are not finite; empty if all are.
  std::string non_finite{};
  // Nothing was written except the finished windows in OUTPUT.partial.
  bool was_stopped = false;
  // Windows computed by this run, and all of them; other processes may have computed some, those
  // that were done earlier before this run began. `windows_again` are others' windows that this run
  // computed, too, to begin amid a volume.
  std::int64_t windows_computed = 0, windows = 0, windows_earlier = 0, windows_again = 0;
  // Several processes may predict one output: which of them wrote it, and whether this one did.
  std::string written_by{};
  bool is_writer = true;
  // The files of a folder that were complete before, or that other processes predicted.
  std::int64_t files_of_others = 0;
  // `volumes` lists what was written for several volumes, by name, instead of `predictions`.
  Triple window{};
  std::vector<std::pair<std::string, Shape>> volumes;
};

using InferProgress = std::function<bool(std::int64_t done, std::int64_t all)>;
using InferNote = std::function<void(const std::string&)>;

}  // namespace lucid
