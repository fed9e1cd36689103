#include "infer/tiled/calibration_windows.h"

#include "infer/planes/volume_slab.h"

namespace lucid {
namespace {

struct PlacedWindow {
  std::size_t volume, sample;
  WindowPlace place;
};

std::vector<PlacedWindow> all_windows(const TileVolumes& volumes, const Tiling& tiling) {
  std::vector<PlacedWindow> windows;
  for (std::size_t i = 0; i < volumes.stacks.size(); ++i) {
    for (std::size_t sample = 0; sample < volumes.stacks[i].samples(); ++sample) {
      const WindowGrid grid = tiling.grid(volumes.grids[i][sample].region().size);
      for (std::size_t d = 0; d < grid.axes[0].starts.size(); ++d)
        for (std::size_t h = 0; h < grid.axes[1].starts.size(); ++h)
          for (std::size_t w = 0; w < grid.axes[2].starts.size(); ++w)
            windows.push_back({i, sample, {d, h, w}});
    }
  }
  return windows;
}

// Reads the window of the inputs, or of what takes their place.
void read_window(const SeenVolume& volume, const WindowPlace& place, const WindowGrid& grid,
                 std::span<float> values) {
  ChunkCache cache{0};
  VolumeSlab slab(volume, grid, cache);
  slab.read_for(place[0]);
  slab.gather(place, {}, values);
}

// A target or a mask in the place of the inputs, so that its windows are cut like theirs.
VolumeStacks as_inputs(std::unique_ptr<Stack> stack) {
  VolumeStacks stacks;
  if (stack) stacks.inputs.push_back(std::move(stack));
  return stacks;
}

TargetType type_of(const VolumeStacks& stacks) {
  return stacks.first().holds_integers() ? TargetType::kIntegers : TargetType::kFloats;
}

// The targets of a volume and where they count.
class WindowTargets {
 public:
  // Takes them from the stacks. Throws Error(kData) if the target does not fit the network.
  WindowTargets(const TrainedConfig& config, VolumeStacks& stacks)
      : config_(config), ignored_(config.objective->ignore_index()) {
    const Shape target = stacks.target->target_shape(), input = config.graph.input_shape();
    const Triple size{input[1], input[2], input[3]};
    if (stacks.target->extents() != extents_of(stacks))
      throw Error(ExitCode::kData, stacks.target->place() + ": expected a target of the size of " +
                                       "the volume, found " + target.str());
    values_ = as_inputs(std::move(stacks.target));
    mask_ = as_inputs(std::move(stacks.mask));
    config.objective->check(output_shapes(config.graph),
                            target.rank() == 4 ? Shape{target[0], size[0], size[1], size[2]}
                                               : Shape{size[0], size[1], size[2]},
                            type_of(values_));
  }

  void read(const PlacedWindow& window, const VolumeGrid& seen, const WindowGrid& grid,
            std::vector<float>& to) const {
    const Shape input = config_.graph.input_shape();
    const std::size_t begin = to.size(), voxels = input.without_first().count();
    to.resize(begin + static_cast<std::size_t>(values_.volume_shape()[0]) * voxels);
    const std::span<float> target = std::span(to).subspan(begin);
    const Normalization none;
    read_window({values_, window.sample, seen, none, config_.padding}, window.place, grid, target);
    if (!mask_.inputs.empty() && ignored_) {
      std::vector<float> valid(voxels);
      read_window({mask_, window.sample, seen, none, config_.padding}, window.place, grid, valid);
      for (std::size_t i = 0; i < target.size(); ++i)
        if (valid[i % voxels] == 0) target[i] = static_cast<float>(*ignored_);
    }
    check_targets(config_, type_of(values_), values_.first().place(), target);
  }

 private:
  const TrainedConfig& config_;
  std::optional<std::int64_t> ignored_;
  VolumeStacks values_, mask_;
};

CalibrationSet read_windows(const InferOptions& options, const TileSetup& setup,
                            const VolumesConfig& wanted) {
  TileVolumes volumes = open_tile_volumes(wanted, options.calibration->files, setup.config.grid);
  check_channels(setup.config.graph, volumes);
  std::vector<WindowTargets> targets;
  for (VolumeStacks& stacks : volumes.stacks)
    if (!wanted.target.empty()) targets.emplace_back(setup.config, stacks);
  const std::vector<PlacedWindow> windows = all_windows(volumes, setup.tiling);
  const auto available = static_cast<std::int64_t>(windows.size());
  CalibrationSet set{.count =
                         calibration_count(*options.calibration, setup.config.graph, available)};
  const std::size_t in = setup.config.graph.input_shape().count();
  set.samples.resize(static_cast<std::size_t>(set.count) * in);
  const NormalizeConfig& normalize = setup.config.normalize;
  for (std::int64_t i = 0; i < set.count; ++i) {
    const PlacedWindow& window = windows[static_cast<std::size_t>(spread(i, set.count, available))];
    const VolumeStacks& stacks = volumes.stacks[window.volume];
    const VolumeGrid& voxels = volumes.grids[window.volume][window.sample];
    const WindowGrid grid = setup.tiling.grid(voxels.region().size);
    const Normalization normalization =
        normalize.rule
            ? measured_normalization(stacks, window.sample, voxels.stored_region(), *normalize.rule)
            : normalize.given;
    read_window({stacks, window.sample, voxels, normalization, setup.config.padding}, window.place,
                grid, std::span(set.samples).subspan(static_cast<std::size_t>(i) * in, in));
    if (!targets.empty()) targets[window.volume].read(window, voxels, grid, set.targets);
  }
  return set;
}

}  // namespace

CalibrationSet read_calibration_windows(const InferOptions& options, const TileSetup& setup) {
  return read_calibration(*options.calibration, [&](VolumesConfig wanted) {
    // What a spline makes of labels is none.
    if (setup.config.grid.resamples()) wanted.target.clear();
    return read_windows(options, setup, wanted);
  });
}

}  // namespace lucid
