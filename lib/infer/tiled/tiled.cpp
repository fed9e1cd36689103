#include "infer/tiled/tiled.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/warnings.h"
#include "infer/predict/non_finite.h"
#include "infer/tiled/calibration_windows.h"
#include "infer/tiled/slab_evaluation.h"
#include "infer/tiled/tile_setup.h"
#include "infer/tiled/tiled_file.h"
#include "infer/tiled/volume_slab.h"

namespace lucid {
namespace {

class TiledRun {
 public:
  TiledRun(const InferOptions& options, TileSetup setup, const TileVolumes& volumes,
           const InferProgress& progress, const InferNote& note)
      : options_(options),
        volumes_(volumes),
        progress_(progress),
        note_(note),
        tiling_(setup.tiling),
        format_(options.output_type, options.activation, setup.config.graph.output_shape()[0]),
        channels_(setup.config.graph.output_shape()[0]),
        predictor_(options.checkpoint, std::move(setup.config),
                   {.batch_size = options.batch_size.value_or(1),
                    .threads = options.threads,
                    .precision = options.precision,
                    .main_output_only = !options.target}),
        partial_(options.output_file(), fingerprint(options, tiling_, volumes)) {
    for (const VolumeStacks& stacks : volumes.stacks)
      for (std::size_t sample = 0; sample < stacks.samples(); ++sample) add(stacks, sample);
    result_.window = tiling_.window();
    result_.samples = static_cast<std::int64_t>(runs_.size());
    if (!options.target) return;
    evaluation_.emplace(predictor_);
    partial_.start_over();  // the evaluation needs every prediction
  }

  void calibrate(const CalibrationSet& set) {
    result_.calibration = round_to_bytes(predictor_, set, options_);
  }
  void tell() const;
  InferResult run();

 private:
  void add(const VolumeStacks& stacks, std::size_t sample);
  bool predict(std::size_t number);
  void note_non_finite();
  bool predict_depth(const TiledVolume& volume, std::size_t depth, const VolumeSlab& slab,
                     SlabSums& sums);
  void predict_batch(const VolumeSlab& slab, SlabSums& sums);
  void finish_depth(std::size_t number, std::size_t depth, SlabSums& sums);
  std::size_t sums_after(const TiledVolume& volume, std::size_t depth) const;

  struct Turn {
    WindowPlace place;
    Flips flips;
  };

  const InferOptions& options_;
  const TileVolumes& volumes_;
  const InferProgress& progress_;
  const InferNote& note_;
  Tiling tiling_;
  OutputFormat format_;
  std::int64_t channels_;
  Predictor predictor_;
  PartialFolder partial_;
  ChunkCache cache_{0};  // every plane is read only once
  std::vector<TiledVolume> runs_;
  std::vector<Turn> batch_;
  std::size_t number_ = 0;       // of the current volume
  Normalization normalization_;  // of the volume
  NonFinite non_finite_;
  Warnings warnings_;
  std::optional<SlabEvaluation> evaluation_;
  std::int64_t done_ = 0;  // windows, by earlier runs too
  bool goes_on_ = true;    // as the last progress() said
  InferResult result_;
};

void TiledRun::add(const VolumeStacks& stacks, std::size_t sample) {
  WindowGrid grid = tiling_.grid(extents_of(stacks));
  const SlabSchedule schedule(grid, SlabOutput::kChunkPlanes);
  runs_.push_back({&stacks, sample, std::move(grid), schedule,
                   SlabOutput(format_, channels_, extents_of(stacks))});
  result_.windows += runs_.back().windows();
}

void TiledRun::tell() const {
  if (partial_.was_of_another_run())
    note_(partial_.path().string() +
          ": what was finished there is of other inputs or options; it is computed anew");
  if (!partial_.damaged().empty())
    note_("warning: " + (partial_.path() / partial_.damaged()).string() +
          ": is damaged; what depends on it is computed anew");
  if (!predictor_.warning().empty()) note_("warning: " + predictor_.warning());
  for (const TiledVolume& volume : runs_)
    if (const std::string warning = tiling_.warning(volume.grid); !warning.empty()) {
      note_("warning: " + warning);
      return;
    }
}

InferResult TiledRun::run() {
  for (std::size_t number = 0; number < runs_.size(); ++number)
    if (!predict(number)) {
      result_.was_stopped = true;
      return result_;
    }
  write_predictions(options_, volumes_, runs_, format_, partial_, result_);
  partial_.remove();
  if (evaluation_) result_.measured = evaluation_->measured();
  result_.non_finite = non_finite_.warning();
  return result_;
}

// Goes on where an earlier run ended; false when it was told to stop.
bool TiledRun::predict(std::size_t number) {
  const TiledVolume& volume = runs_[number];
  const std::size_t depths = volume.schedule.depths();
  std::size_t first = 0;
  while (first < depths && partial_.is_finished({number, first})) ++first;
  done_ += static_cast<std::int64_t>(first) * volume.windows_of_depth();
  goes_on_ = progress_(done_, result_.windows);
  number_ = number;
  if (first == depths || !goes_on_) return goes_on_;
  VolumeSlab slab(*volume.stacks, volume.sample, volume.grid, cache_);
  const std::int64_t planes = volume.schedule.most_planes();
  SlabSums sums(volume.grid, channels_, planes);
  if (first > 0)
    sums.restore(volume.schedule.begin(first), partial_.sums(sums_after(volume, first - 1)));
  const NormalizeConfig& normalize = predictor_.config().normalize;
  normalization_ = normalize.rule
                       ? measured_normalization(*volume.stacks, volume.sample, *normalize.rule)
                       : normalize.given;
  for (const std::string& about : normalization_.notes)
    warnings_.add("normalize",
                  volume.stacks->first().place() + ", " + about + "; other volumes may be alike");
  for (const std::string& line : warnings_.take()) note_("warning: " + line);
  if (evaluation_) evaluation_->begin(*volume.stacks, volume.sample, volume.grid, planes);
  for (std::size_t depth = first; depth < depths && goes_on_; ++depth) {
    slab.read_for(depth);
    if (!predict_depth(volume, depth, slab, sums)) return false;
    finish_depth(number, depth, sums);
  }
  if (evaluation_ && evaluation_->non_finite_target())
    non_finite_.add_target(number, *evaluation_->non_finite_target());
  if (evaluation_ && goes_on_) evaluation_->end();
  return goes_on_;
}

// False where it was told to stop before the last window.
bool TiledRun::predict_depth(const TiledVolume& volume, std::size_t depth, const VolumeSlab& slab,
                             SlabSums& sums) {
  for (std::size_t row = 0; row < volume.grid.axes[1].starts.size(); ++row)
    for (std::size_t column = 0; column < volume.grid.axes[2].starts.size(); ++column)
      for (std::int64_t turn = 0; turn < tiling_.turns(); ++turn) {
        if (!goes_on_) return false;
        batch_.push_back({{depth, row, column}, Tiling::flips(turn)});
        if (static_cast<std::int64_t>(batch_.size()) == predictor_.batch_size())
          predict_batch(slab, sums);
      }
  if (!batch_.empty()) predict_batch(slab, sums);
  return true;
}

void TiledRun::predict_batch(const VolumeSlab& slab, SlabSums& sums) {
  const auto count = static_cast<std::int64_t>(batch_.size());
  const std::size_t in = predictor_.graph().input_shape().count(),
                    out = predictor_.graph().output_shape().count();
  for (std::size_t i = 0; i < batch_.size(); ++i)
    slab.gather(batch_[i].place, batch_[i].flips, normalization_,
                predictor_.input().subspan(i * in, in));
  const std::span<const float> predictions = predictor_.predict(count);
  if (!predictor_.was_finite() && !non_finite_.is_known(number_)) note_non_finite();
  const float share = 1 / static_cast<float>(tiling_.turns());
  for (std::size_t i = 0; i < batch_.size(); ++i) {
    sums.add(batch_[i].place, batch_[i].flips, share, predictions.subspan(i * out, out));
    if (evaluation_) evaluation_->add_window(batch_[i].place, batch_[i].flips, share, i);
    const bool is_last_turn = batch_[i].flips == Tiling::flips(tiling_.turns() - 1);
    if (is_last_turn) ++result_.windows_computed;
    done_ += is_last_turn ? 1 : 0;
  }
  batch_.clear();
  goes_on_ = progress_(done_, result_.windows);
}

// Looks through the planes of the volume for the first value, which may lie in another window.
void TiledRun::note_non_finite() {
  const VolumeStacks& stacks = *runs_[number_].stacks;
  const std::size_t sample = runs_[number_].sample;
  const Triple size = extents_of(stacks);
  for (std::int64_t d = 0; d < size[0]; ++d)
    if (const auto found =
            stacks.find_refused_input(sample, Box{{d, 0, 0}, {1, size[1], size[2]}}, {}))
      return non_finite_.add_input(number_, *found);
  non_finite_.add_prediction(number_, stacks.first().place());
}

// Returns the number of sums that the slab after this depth starts from.
std::size_t TiledRun::sums_after(const TiledVolume& volume, std::size_t depth) const {
  const std::int64_t end = volume.schedule.end(depth);
  const Triple extents = extents_of(*volume.stacks);
  return static_cast<std::size_t>((std::max(end, volume.schedule.touched_end(depth)) - end) *
                                  channels_ * extents[1] * extents[2]);
}

void TiledRun::finish_depth(std::size_t number, std::size_t depth, SlabSums& sums) {
  const TiledVolume& volume = runs_[number];
  const std::int64_t begin = volume.schedule.begin(depth), end = volume.schedule.end(depth);
  const SlabNumber slab{number, depth};
  std::optional<Checksum> file;
  if (begin < end) {
    const std::span<float> planes = sums.planes(begin, end);
    if (evaluation_) evaluation_->add(planes, begin);
    SlabWriter writer = partial_.write(slab);
    volume.output.write(planes, writer);
    file = writer.finish();
  }
  sums.drop_before(end);
  const bool is_last = depth + 1 == volume.schedule.depths();
  partial_.commit(slab, file, is_last ? SlabNumber{number + 1, 0} : SlabNumber{number, depth + 1},
                  sums.planes(end, std::max(end, volume.schedule.touched_end(depth))));
}

}  // namespace

InferResult infer_tiled(const InferOptions& options, TrainedConfig config, TileVolumes volumes,
                        const InferProgress& progress, const InferNote& note) {
  if (options.csv)
    throw Error(ExitCode::kUsage, options.csv->string() +
                                      ": --csv expects predictions of (N) or (N, K), found those "
                                      "of voxels; volumes are written to --output");
  for (const VolumeStacks& stacks : volumes.stacks) check_described(source_of(stacks));
  TileSetup setup = set_up_tiles(options, std::move(config), volumes);
  std::optional<CalibrationSet> calibration;
  if (options.calibration) calibration = read_calibration_windows(options, setup);
  TiledRun run(options, std::move(setup), volumes, progress, note);
  if (calibration) run.calibrate(*calibration);
  calibration.reset();
  run.tell();
  return run.run();
}

}  // namespace lucid
