#include "infer/tiled/tiled.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "infer/tiled/calibration_windows.h"
#include "infer/tiled/fingerprint.h"
#include "infer/tiled/slab_labels.h"
#include "infer/tiled/slab_worker.h"
#include "infer/tiled/tile_setup.h"
#include "infer/volume/volume_output.h"

namespace lucid {
namespace {

// How long a process waits before it looks again what the others have finished.
constexpr std::chrono::milliseconds kShortestPause{5}, kLongestPause{500};

// Returns the volumes of a run in their order, each with its windows.
std::vector<TiledVolume> volumes_of(const TileVolumes& volumes, const Tiling& tiling,
                                    const OutputFormat& format, std::int64_t channels,
                                    bool keeps_spacing) {
  std::vector<TiledVolume> all;
  for (std::size_t i = 0; i < volumes.stacks.size(); ++i)
    for (std::size_t sample = 0; sample < volumes.stacks[i].samples(); ++sample) {
      const VolumeGrid& voxels = volumes.grids[i][sample];
      const OutputGrid output(voxels, extents_of(volumes.stacks[i]), keeps_spacing);
      WindowGrid grid = tiling.grid(voxels.region().size);
      const SlabSchedule schedule(grid, output, SlabOutput::kChunkPlanes);
      all.push_back({&volumes.stacks[i], sample, &voxels, output, std::move(grid), schedule,
                     SlabOutput(format, channels, output.extents())});
    }
  return all;
}

std::unique_ptr<SlabEvaluation> evaluation_of(const InferOptions& options,
                                              const Predictor& predictor) {
  return options.target ? std::make_unique<SlabEvaluation>(options, predictor) : nullptr;
}

PartialUse use_of(const std::vector<TiledVolume>& volumes, bool is_shared) {
  PartialUse use{{}, is_shared};
  for (const TiledVolume& volume : volumes) use.depths.push_back(volume.schedule.depths());
  return use;
}

// A run works on one slab of a volume after the other: those that no other process works on.
class TiledRun {
 public:
  TiledRun(const InferOptions& options, TileSetup setup, const TileVolumes& volumes,
           const InferProgress& progress, const InferNote& note)
      : options_(options),
        volumes_(volumes),
        progress_(progress),
        note_(note),
        tiling_(setup.tiling),
        channels_(setup.config.graph.output_shape()[0]),
        format_(options.output_type, options.activation, channels_),
        runs_(volumes_of(volumes, tiling_, format_, channels_, options.keeps_spacing)),
        predictor_(options.checkpoints, std::move(setup.config),
                   {.batch_size = options.batch_size.value_or(1),
                    .threads = options.threads,
                    .precision = options.precision,
                    .main_output_only = !options.target}),
        partial_(options.output_file(), fingerprint(options, tiling_, volumes),
                 use_of(runs_, !options.target)),
        evaluation_(evaluation_of(options, predictor_)),
        worker_({predictor_, tiling_, non_finite_, evaluation_.get(),
                 [this](std::int64_t windows) { return has_done(windows); }},
                runs_, partial_, note) {
    result_.is_writer = false;
    if (options.postprocess) check_voxel_sizes(*options.postprocess, runs_);
    result_.window = tiling_.window();
    result_.samples = static_cast<std::int64_t>(runs_.size());
    for (const TiledVolume& volume : runs_) result_.windows += volume.windows();
  }

  void calibrate(const CalibrationSet& set) {
    result_.calibration = round_to_bytes(predictor_, set, options_);
  }
  void tell() const;
  InferResult run();

 private:
  bool predict_all();
  bool compute(SlabNumber slab);
  bool write_output();
  bool has_done(std::int64_t windows);
  bool wait();
  std::int64_t windows_done() const;

  const InferOptions& options_;
  const TileVolumes& volumes_;
  const InferProgress& progress_;
  const InferNote& note_;
  Tiling tiling_;
  std::int64_t channels_;
  OutputFormat format_;
  std::vector<TiledVolume> runs_;
  Predictor predictor_;
  PartialFolder partial_;
  NonFinite non_finite_;
  std::unique_ptr<SlabEvaluation> evaluation_;
  SlabWorker worker_;
  std::int64_t current_ = 0;  // windows of the slab in work
  std::chrono::milliseconds pause_ = kShortestPause;
  InferResult result_;
};

void TiledRun::tell() const {
  if (partial_.was_of_another_run())
    note_(partial_.path().string() +
          ": what was finished there is of other inputs or options; it is computed anew");
  if (const std::string& damaged = partial_.files().damaged(); !damaged.empty())
    note_("warning: " + (partial_.path() / damaged).string() +
          ": is damaged; what depends on it is computed anew");
  if (!predictor_.warning().empty()) note_("warning: " + predictor_.warning());
  for (const TiledVolume& volume : runs_)
    if (const std::string warning = tiling_.warning(volume.grid); !warning.empty()) {
      note_("warning: " + warning);
      return;
    }
}

InferResult TiledRun::run() {
  partial_.look();
  result_.windows_earlier = windows_done();
  try {
    result_.was_stopped = !predict_all();
  } catch (const Error&) {
    if (!partial_.was_completed()) throw;
  }
  worker_.rest();
  result_.windows_again = worker_.windows_again();
  if (result_.was_stopped) return result_;
  list_predictions(volumes_, runs_, result_);
  if (evaluation_) result_.measured = evaluation_->measured();
  result_.non_finite = non_finite_.warning();
  return result_;
}

// Returns when the output is complete; false if it was told to stop.
bool TiledRun::predict_all() {
  if (!progress_(windows_done(), result_.windows)) return false;
  const auto again = [this](SlabNumber slab) {
    return slab.depth - runs_[slab.volume].schedule.first_touching(slab.depth);
  };
  while (partial_.look(), !partial_.is_complete()) {
    const auto slab = choose_slab(partial_.states(), worker_.next(), again);
    const auto claim = slab ? partial_.claim(*slab) : nullptr;
    if (claim ? !compute(*slab) : !write_output() && !wait()) return false;
  }
  if (result_.written_by.empty()) result_.written_by = partial_.writer();
  return true;
}

// The claim of the slab is the caller's. False if it was told to stop.
bool TiledRun::compute(SlabNumber slab) {
  if (!worker_.compute(slab)) return false;
  current_ = 0;
  pause_ = kShortestPause;
  return progress_(windows_done(), result_.windows);
}

// True if all slabs are done and no other process writes the output: it is complete now.
bool TiledRun::write_output() {
  for (const auto& depths : partial_.states())
    for (const SlabState state : depths)
      if (state != SlabState::kDone) return false;
  const auto claim = partial_.claim_output();
  if (!claim) return false;
  partial_.look();
  if (partial_.is_complete()) return true;
  worker_.rest();
  result_.postprocessed =
      write_predictions(options_, volumes_, runs_, format_, partial_.files(), evaluation_.get());
  result_.is_writer = true;
  result_.written_by = partial_.self().str();
  partial_.complete();
  return true;
}

bool TiledRun::has_done(std::int64_t windows) {
  current_ += windows;
  result_.windows_computed += windows;
  return progress_(windows_done() + current_, result_.windows);
}

// Another process has the slabs that are left: waits a little for it.
bool TiledRun::wait() {
  std::this_thread::sleep_for(pause_);
  pause_ = std::min(2 * pause_, kLongestPause);
  return progress_(windows_done(), result_.windows);
}

// Those of finished slabs, by whomever.
std::int64_t TiledRun::windows_done() const {
  std::int64_t windows = 0;
  for (const auto& [slab, record] : partial_.files().records())
    windows += runs_[slab.volume].windows_of_depth();
  return windows;
}

}  // namespace

InferResult infer_tiled(const InferOptions& options, TrainedConfig config, TileVolumes volumes,
                        const InferProgress& progress, const InferNote& note) {
  if (options.csv)
    throw Error(ExitCode::kUsage, options.csv->string() +
                                      ": --csv expects predictions of (N) or (N, K), found those "
                                      "of voxels; volumes are written to --output");
  for (const VolumeStacks& stacks : volumes.stacks) check_described(source_of(stacks));
  if (is_volume_output(options.output))
    check_volume_output(options.output, OutputFormat(options.output_type, options.activation,
                                                     config.graph.output_shape()[0]));
  TileSetup setup = set_up_tiles(options, std::move(config), volumes);
  std::optional<CalibrationSet> calibration;
  if (options.calibration) calibration = read_calibration_windows(options, setup);
  TiledRun run(options, std::move(setup), volumes, progress, note);
  if (calibration) run.calibrate(*calibration);
  calibration.reset();
  run.tell();
  return run.run();
}

bool may_be_predicted(const OutputFile& output) { return PartialFolder::is_used_for(output); }

void clear_prediction(const OutputFile& output) { PartialFolder::clear(output); }

}  // namespace lucid
