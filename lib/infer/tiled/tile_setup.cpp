#include "infer/tiled/tile_setup.h"

#include <algorithm>

#include "base/text.h"
#include "infer/planes/volume_slab.h"
#include "infer/predict/members.h"
#include "infer/tiled/slab_output.h"

namespace lucid {

void check_channels(const Graph& graph, const TileVolumes& volumes) {
  for (const VolumeStacks& stacks : volumes.stacks)
    if (const Shape found = stacks.volume_shape(); found[0] != graph.input_shape()[0])
      throw Error(ExitCode::kData, stacks.first().place() + ": expected volumes of " +
                                       std::to_string(graph.input_shape()[0]) +
                                       " channels, as the network was trained on, found " +
                                       found.str() + " (C, D, H, W)");
}

namespace {

std::string size_text(const Triple& size) {
  return std::to_string(size[0]) + "x" + std::to_string(size[1]) + "x" + std::to_string(size[2]);
}

Triple input_size(const Graph& graph) {
  const Shape& input = graph.input_shape();
  return {input[1], input[2], input[3]};
}

void check_predicts_voxels(const InferOptions& options, const Graph& graph) {
  if (predicts_voxels(graph)) return;
  const ReceptiveField field = receptive_field(graph);
  throw Error(
      ExitCode::kUsage,
      options.checkpoints.front().string() +
          ": expected a network that predicts the voxels of its input, as windows need it, "
          "found predictions of " +
          graph.output_shape().str() + " for an input of " + graph.input_shape().str() +
          (field.is_limited() ? "" : "; layer " + field.unlimited + " keeps it at that size"));
}

// Returns one that holds those of all members.
ReceptiveField field_of(const TrainedConfig& config) {
  ReceptiveField all = receptive_field(config.graph);
  for (const Graph& graph : config.other_graphs) all = joined(all, receptive_field(graph));
  return all;
}

bool have_size(const TrainedConfig& config, const Triple& size) {
  return input_size(config.graph) == size &&
         std::ranges::all_of(config.other_graphs,
                             [&](const Graph& graph) { return input_size(graph) == size; });
}

// Returns the memory that a volume needs in addition to the plan.
std::size_t volume_bytes(const Tiling& tiling, const OutputFormat& format, std::int64_t channels,
                         const TileVolumes& volumes, const InferOptions& options) {
  std::size_t most = 0;
  const std::int64_t sums = channels * std::ssize(options.checkpoints);
  for (std::size_t i = 0; i < volumes.stacks.size(); ++i)
    for (const VolumeGrid& voxels : volumes.grids[i]) {
      const Triple size = voxels.region().size, stored = extents_of(volumes.stacks[i]);
      const WindowGrid grid = tiling.grid(size);
      const OutputGrid output(voxels, stored, options.keeps_spacing);
      const std::int64_t planes =
          SlabSchedule(grid, output, SlabOutput::kChunkPlanes).most_planes() +
          (output.is_as_seen() ? 0 : 2 * SlabOutput::kChunkPlanes);
      most = std::max(
          most, VolumeSlab::bytes(volumes.stacks[i], voxels, grid.axes[0]) +
                    SlabOutput(format, channels, output.extents()).working_bytes() +
                    static_cast<std::size_t>(planes * sums * size[1] * size[2]) * sizeof(float));
    }
  return most;
}

class Setup {
 public:
  Setup(const InferOptions& options, const TrainedConfig& config, const TileVolumes& volumes)
      : options_(options),
        tiles_(options.tiles.value_or(TileOptions{})),
        config_(config),
        volumes_(volumes),
        field_(field_of(config)) {}

  Triple window() const {
    if (tiles_.patch) return *tiles_.patch;
    return tiles_.takes_largest ? largest() : input_size(config_.graph);
  }

  TrainedConfig resized(const Triple& window) const {
    try {
      TrainedConfig config = read_members(options_, window);
      config.grid = config_.grid;
      if (predicts_voxels(config.graph)) return config;
    } catch (const Error& error) {
      throw Error(error.code(), "--patch: expected a size that the network accepts, found " +
                                    size_text(window) + ": " + error.what());
    }
    throw Error(ExitCode::kUsage, "--patch: expected " + size_text(input_size(config_.graph)) +
                                      ", found " + size_text(window) + "; layer " +
                                      field_.unlimited + " keeps the network at that size");
  }

  Tiling tiling(const Triple& window) const {
    return {tiles_, window, field_, config_.was_trained_on_patches};
  }

 private:
  Triple largest() const {
    PatchLimits limits;
    constexpr std::size_t kMebi = std::size_t{1} << 20;
    limits.memory_bytes =
        tiles_.memory_mib ? static_cast<std::size_t>(*tiles_.memory_mib) * kMebi : half_of_memory();
    for (const auto& grids : volumes_.grids)
      for (std::size_t axis = 0; axis < 3; ++axis)
        limits.largest[axis] = std::max(limits.largest[axis], largest_seen(grids)[axis]);
    limits.plan_bytes = [this](const Triple& size) { return plan_bytes(size); };
    const std::int64_t channels = config_.graph.output_shape()[0];
    const OutputFormat format(options_.output_type, options_.activation, channels);
    limits.volume_bytes = [&](const Triple& size) {
      return volume_bytes(tiling(size), format, channels, volumes_, options_);
    };
    return choose_patch(limits, field_);
  }

  std::size_t plan_bytes(const Triple& window) const {
    try {
      Predictor predictor(options_.checkpoints, read_members(options_, window),
                          {.batch_size = options_.batch_size.value_or(1),
                           .threads = options_.threads,
                           .precision = options_.precision,
                           .main_output_only = !options_.target});
      return predictor.memory_bytes();
    } catch (const Error&) {  // the network does not accept the size
      return PatchLimits::kTooMuch;
    }
  }

  const InferOptions& options_;
  TileOptions tiles_;
  const TrainedConfig& config_;
  const TileVolumes& volumes_;
  ReceptiveField field_;
};

}  // namespace

TileSetup set_up_tiles(const InferOptions& options, TrainedConfig config,
                       const TileVolumes& volumes) {
  check_predicts_voxels(options, config.graph);
  check_channels(config.graph, volumes);
  const Setup setup(options, config, volumes);
  const Triple window = setup.window();
  const Tiling tiling = setup.tiling(window);
  if (have_size(config, window)) return {std::move(config), tiling};
  return {setup.resized(window), tiling};
}

}  // namespace lucid
