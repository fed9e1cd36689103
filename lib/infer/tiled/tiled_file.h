#pragma once
// Private to this room.

#include <span>

#include "formats/readers/geometry.h"
#include "infer/predict/describe.h"
#include "infer/predict/options.h"
#include "infer/tiled/slab_output.h"
#include "infer/tiled/tile_volumes.h"
#include "infer/window/tiling.h"

namespace lucid {

class SlabEvaluation;

// A volume of a run: one sample of a dataset, with its windows.
struct TiledVolume {
  const VolumeStacks* stacks;
  std::size_t sample;
  const VolumeGrid* voxels;  // that the network sees
  OutputGrid output_grid;
  WindowGrid grid;
  SlabSchedule schedule;
  SlabOutput output;

  std::int64_t windows_of_depth() const { return grid.axes[1].count() * grid.axes[2].count(); }
  std::int64_t windows() const { return grid.axes[0].count() * windows_of_depth(); }
};

// Returns the origin of the predictions of one dataset.
PredictionSource source_of(const VolumeStacks& stacks);
// Returns the geometry of a prediction; none if its volume has none.
std::optional<Geometry> output_geometry(const TiledVolume& run);

// Writes the finished slabs of all volumes to one file, which appears when it is complete. `runs`
// are in the order of the volumes and their samples. An output that is there by now, though it may
// not be replaced, has to be the same: a process that ended before it could tell has written it.
// Returns what postprocessing did, if the options ask for it; `evaluation` measures its labels
// unless it is null.
std::optional<PostprocessCounts> write_predictions(
    const InferOptions& options, const TileVolumes& volumes, std::span<const TiledVolume> runs,
    const OutputFormat& format, const SlabFiles& slabs, SlabEvaluation* evaluation);
// Lists the volumes in `result`.
void list_predictions(const TileVolumes& volumes, std::span<const TiledVolume> runs,
                      InferResult& result);

}  // namespace lucid
