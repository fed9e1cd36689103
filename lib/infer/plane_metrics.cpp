#include "infer/plane_metrics.h"

#include <omp.h>

#include <algorithm>

#include "data/axes.h"

namespace lucid {

PlaneMetrics::PlaneMetrics(const TrainedConfig& config, Shape::Extent channels)
    : config_(config), channels_(channels) {}

void PlaneMetrics::begin(const VolumeStacks& stacks, std::size_t sample, ChunkCache& cache) {
  target_ = stacks.target.get();
  sample_ = sample;
  const Shape volume = stacks.volume_shape();
  const TargetType type = target_->holds_integers() ? TargetType::kIntegers : TargetType::kFloats;
  try {
    config_.objective->main().check({channels_, volume[1], volume[2], volume[3]},
                                    target_->target_shape(), type);
  } catch (const Error& error) {
    throw Error(error.code(), target_->place() + ": " + error.what());
  }
  array_.emplace(hdf5::File(target_->file()).open(target_->dataset()), cache);
  plane_ = {1, channels_, 1, volume[2], volume[3]};
  if (!metrics_.empty()) return;
  for (const MetricConfig& metric : config_.metrics)
    metrics_.push_back(make_metric(metric, config_.objective->main(), plane_.without_first()));
}

// (C, D, H, W), or (D, H, W).
std::vector<float> PlaneMetrics::read_target(std::int64_t first, std::int64_t count) const {
  const std::string& axes = target_->axes();
  const Shape& stored = target_->stored();
  hdf5::Region region{std::vector<std::int64_t>(stored.rank(), 0), stored.extents()};
  region.start[axes.find('d')] = first;
  region.count[axes.find('d')] = count;
  if (const auto n = axes.find('n'); n != std::string::npos) {
    region.start[n] = static_cast<std::int64_t>(sample_);
    region.count[n] = 1;
  }
  const Shape part(region.count);
  const ElementType type = array_->array().element();
  std::vector<std::byte> bytes(part.count() * element_bytes(type));
  array_->read_stored(region, bytes, omp_get_max_threads());
  std::vector<float> values(part.count());
  gather_floats(type, bytes.data(), sample_view(axes, part, 0), values);
  return values;
}

void PlaneMetrics::add(std::span<const float> planes, std::int64_t first) {
  const std::size_t voxels = static_cast<std::size_t>(plane_[3] * plane_[4]);
  const std::size_t count = planes.size() / plane_.count();
  const std::vector<float> target = read_target(first, static_cast<std::int64_t>(count));
  const std::size_t channels = target.size() / (count * voxels);
  std::vector<float> of_plane(channels * voxels);
  for (std::size_t z = 0; z < count; ++z) {
    for (std::size_t c = 0; c < channels; ++c)
      std::copy_n(target.begin() + static_cast<std::ptrdiff_t>((c * count + z) * voxels), voxels,
                  of_plane.begin() + static_cast<std::ptrdiff_t>(c * voxels));
    for (const auto& metric : metrics_)
      metric->add(plane_, planes.subspan(z * plane_.count(), plane_.count()), of_plane);
  }
}

Measurements PlaneMetrics::measured() const {
  Measurements measured;
  for (const auto& metric : metrics_) metric->report(measured);
  return measured;
}

}  // namespace lucid
