#pragma once

#include "data/chunked_array.h"
#include "data/volume_stacks.h"
#include "infer/predictor.h"

namespace lucid {

// The metrics of the checkpoint's config over all voxels of volumes, gathered plane by plane. There
// is no loss: most losses are no sums over planes.
class PlaneMetrics {
 public:
  // `config` has to outlive it.
  PlaneMetrics(const TrainedConfig& config, Shape::Extent channels);

  // The volume that the next planes are of. Throws Error(kData) where its target does not fit.
  void begin(const VolumeStacks& stacks, std::size_t sample, ChunkCache& cache);
  // What the network makes of planes (D, C, H, W), from `first` of the volume.
  void add(std::span<const float> planes, std::int64_t first);
  Measurements measured() const;

 private:
  std::vector<float> read_target(std::int64_t first, std::int64_t count) const;

  const TrainedConfig& config_;
  Shape::Extent channels_;
  std::vector<std::unique_ptr<Metric>> metrics_;
  const Stack* target_ = nullptr;
  std::optional<ChunkedArray> array_;
  std::size_t sample_ = 0;
  Shape plane_;  // of predictions, (1, C, 1, H, W)
};

}  // namespace lucid
