#include "infer/tiled/tile_volumes.h"

#include <omp.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "data/volumes/case_choice.h"
#include "formats/open/open_volume.h"
#include "infer/volume/volume_input.h"

namespace lucid {
namespace {

std::string name_of(const VolumeStacks& stacks, bool has_many_files) {
  const std::string stem = case_name(stacks.first().file());
  if (stacks.star.empty()) return stem;
  return has_many_files ? stem + "/" + stacks.star : stacks.star;
}

void check_names(const TileVolumes& volumes) {
  std::set<std::string> seen;
  for (std::size_t i = 0; i < volumes.names.size(); ++i)
    if (!seen.insert(volumes.names[i]).second)
      throw Error(ExitCode::kUsage, volumes.stacks[i].first().place() +
                                        ": expected names that differ, found another " +
                                        in_quotes(volumes.names[i]) +
                                        "; predict it into a file of its own");
}

std::vector<VolumeGrid> grids_of(const VolumeStacks& stacks, const GridConfig& config) {
  std::vector<VolumeGrid> grids;
  const Box whole{{0, 0, 0}, extents_of(stacks)};
  for (std::size_t sample = 0; sample < stacks.samples(); ++sample)
    grids.push_back(grid_of(
        stacks,
        config.crops_to_nonzero ? nonzero_box(stacks, sample, whole, omp_get_max_threads()) : whole,
        config));
  return grids;
}

}  // namespace

TileVolumes open_tile_volumes(const VolumesConfig& config,
                              const std::vector<std::filesystem::path>& files,
                              const GridConfig& grid) {
  TileVolumes volumes;
  for (const std::filesystem::path& path : files) {
    if (is_volume_file(path)) {
      volumes.stacks.push_back(open_volume_stacks(path, config, volumes.warnings));
      continue;
    }
    const hdf5::File file(path);
    for (VolumeStacks& stacks : open_stacks(file, config)) {
      for (Stack* stack : stacks.all()) stack->close();
      volumes.stacks.push_back(std::move(stacks));
    }
  }
  choose_cases(config.cases, volumes.stacks);
  for (const VolumeStacks& stacks : volumes.stacks)
    volumes.names.push_back(volumes.stacks.size() == 1
                                ? "predictions"
                                : "predictions/" + name_of(stacks, files.size() > 1));
  check_names(volumes);
  for (const VolumeStacks& stacks : volumes.stacks) volumes.grids.push_back(grids_of(stacks, grid));
  return volumes;
}

Triple largest_seen(const std::vector<VolumeGrid>& grids) {
  Triple largest{0, 0, 0};
  for (const VolumeGrid& grid : grids)
    for (std::size_t axis = 0; axis < 3; ++axis)
      largest[axis] = std::max(largest[axis], grid.region().size[axis]);
  return largest;
}

Normalization measured_normalization(const VolumeStacks& stacks, std::size_t sample,
                                     const Box& region, const NormalizationRule& rule) {
  constexpr std::int64_t kPlanes = 8;
  const auto channels = static_cast<std::size_t>(stacks.volume_shape()[0]);
  std::vector<float> planes;
  return measure_normalization(rule, channels, [&](const VoxelVisitor& visit) {
    for (std::int64_t first = region.begin[0]; first < region.end(0); first += kPlanes) {
      const Box part{{first, region.begin[1], region.begin[2]},
                     {std::min(kPlanes, region.end(0) - first), region.size[1], region.size[2]}};
      const auto voxels = static_cast<std::size_t>(part.voxels());
      std::size_t channel = 0;
      for (const auto& input : stacks.inputs) {
        const auto of_input = static_cast<std::size_t>(input->volume_shape()[0]);
        planes.resize(of_input * voxels);
        input->read(sample, part, planes, omp_get_max_threads());
        for (std::size_t c = 0; c < of_input; ++c, ++channel)
          visit(input->place(), channel, std::span(planes).subspan(c * voxels, voxels));
      }
    }
  });
}

bool is_tiled(const InferOptions& options, const TrainedConfig& config,
              const TileVolumes& volumes) {
  if (options.tiles && (predicts_voxels(config.graph) || !options.tiles->is_only_flips()))
    return true;
  const auto volume = std::ranges::find_if(volumes.stacks, [](const VolumeStacks& stacks) {
    return stacks.first().source() != nullptr;
  });
  if (!predicts_voxels(config.graph)) {
    if (!config.grid.is_as_stored())
      throw Error(ExitCode::kUsage,
                  options.checkpoints.front().string() +
                      ": expected a network that predicts voxels, as it was trained with \"" +
                      (config.grid.resamples() ? "spacing" : "crop") + "\", found predictions of " +
                      config.graph.output_shape().str());
    if (volume == volumes.stacks.end()) return false;
    throw Error(ExitCode::kUsage, volume->first().place() +
                                      ": expected an HDF5 file for a network that does not predict "
                                      "voxels; convert it with lucid-data import");
  }
  if (volume != volumes.stacks.end() || !config.grid.is_as_stored()) return true;
  const Shape& input = config.graph.input_shape();
  return config.was_trained_on_patches ||
         std::ranges::any_of(volumes.stacks, [&](const VolumeStacks& stacks) {
           return stacks.volume_shape()[0] == input[0] && stacks.volume_shape() != input;
         });
}

}  // namespace lucid
