#include "data/patch/sampler.h"

#include <algorithm>
#include <cmath>

namespace lucid {
namespace {

std::string stream(const char* what, std::int64_t epoch) {
  return std::string(what) + "/" + std::to_string(epoch);
}

bool is_valid_window(const PatchVolume& volume, const Box& window) {
  const Box part = overlap(window, volume.region);
  std::vector<float> valid(static_cast<std::size_t>(part.voxels()));
  volume.stacks->mask->read(volume.sample, part, valid);
  return std::ranges::any_of(valid, [](float value) { return value != 0; });
}

}  // namespace

PatchSampler::PatchSampler(std::span<const PatchVolume> volumes,
                           std::span<const VoxelIndex> indexes, const Options& options)
    : volumes_(volumes),
      indexes_(indexes),
      options_(options),
      valid_windows_(volumes.size()),
      foreground_(volumes.size()) {
  for (std::size_t volume = 0; volume < volumes_.size(); ++volume) {
    find_foreground(volume);
    add_samples(volume);
  }
  if (options_.patch.foreground_per == ForegroundPer::kBatch && size() > 0)
    places_.emplace(SampleOrder{options_.shuffle, options_.seed}, options_.batch_size, size());
}

void PatchSampler::find_foreground(std::size_t volume) {
  if (options_.patch.foreground == 0) return;
  const bool are_classes = has_classes(*volumes_[volume].stacks->target);
  for (const auto& [label, counts] : indexes_[volume].labels)
    if (!are_classes || (label != 0 && !is_ignored(label))) foreground_[volume].push_back(label);
}

// Labels of an index are rounded as floats are.
bool PatchSampler::is_ignored(std::int64_t label) const {
  return options_.ignored && static_cast<float>(label) == static_cast<float>(*options_.ignored);
}

PatchGrid PatchSampler::grid(std::size_t volume) const {
  return {volumes_[volume].region, options_.patch.size, options_.patch.stride};
}

void PatchSampler::add_samples(std::size_t volume) {
  const PatchConfig& patch = options_.patch;
  const bool is_random = patch.sampling == PatchSampling::kRandom;
  const bool is_masked = volumes_[volume].stacks->mask != nullptr;
  std::size_t count = 0;
  if (is_random && patch.per_volume) {
    count = static_cast<std::size_t>(*patch.per_volume);
  } else if (is_random || !is_masked) {
    count = grid(volume).count();
  } else {
    keep_valid_windows(volume, grid(volume));
    count = valid_windows_[volume].size();
  }
  if (is_masked && indexes_[volume].valid.voxels() == 0) count = 0;
  ends_.push_back(size() + count);
}

void PatchSampler::keep_valid_windows(std::size_t volume, const PatchGrid& windows) {
  for (std::size_t i = 0; i < windows.count(); ++i)
    if (is_valid_window(volumes_[volume],
                        options_.counts_voxels_once ? windows.own(i) : windows.window(i)))
      valid_windows_[volume].push_back(i);
}

Patch PatchSampler::patch(std::int64_t epoch, std::size_t sample) const {
  const auto volume =
      static_cast<std::size_t>(std::ranges::upper_bound(ends_, sample) - ends_.begin());
  if (options_.patch.sampling == PatchSampling::kGrid)
    return grid_patch(volume, sample - (volume == 0 ? 0 : ends_[volume - 1]));
  const Box window = random_window(epoch, sample, volume);
  return {volume, window, window};
}

Patch PatchSampler::grid_patch(std::size_t volume, std::size_t number) const {
  const PatchGrid windows = grid(volume);
  const std::vector<std::size_t>& valid = valid_windows_[volume];
  const std::size_t at = valid.empty() ? number : valid[number];
  const Box window = windows.window(at);
  return {volume, window, options_.counts_voxels_once ? windows.own(at) : window};
}

Box PatchSampler::random_window(std::int64_t epoch, std::size_t sample, std::size_t volume) const {
  Rng rng(options_.seed, stream("patch", epoch) + "/" + std::to_string(sample));
  const auto voxel_of = [&](const BlockCounts& counts, std::optional<std::int64_t> label) {
    const auto number = rng.below(static_cast<std::uint64_t>(counts.voxels()));
    return around(volume,
                  find_voxel(volumes_[volume], counts, label, static_cast<std::int64_t>(number)));
  };
  if (wants_foreground(epoch, sample) && !foreground_[volume].empty()) {
    const std::int64_t label = foreground_[volume][rng.below(foreground_[volume].size())];
    return voxel_of(indexes_[volume].labels.at(label), label);
  }
  if (volumes_[volume].stacks->mask) return voxel_of(indexes_[volume].valid, std::nullopt);
  Box window = grid(volume).window(0);
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const std::int64_t left = volumes_[volume].region.size[axis] - window.size[axis];
    if (left > 0)
      window.begin[axis] +=
          static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(left) + 1));
  }
  return window;
}

std::vector<std::size_t> PatchSampler::without_foreground() const {
  std::vector<std::size_t> found;
  for (std::size_t volume = 0; volume < volumes_.size(); ++volume)
    if (options_.patch.foreground > 0 && foreground_[volume].empty()) found.push_back(volume);
  return found;
}

std::vector<std::size_t> PatchSampler::without_valid_voxels() const {
  std::vector<std::size_t> found;
  for (std::size_t volume = 0; volume < volumes_.size(); ++volume)
    if (volumes_[volume].stacks->mask && indexes_[volume].valid.voxels() == 0)
      found.push_back(volume);
  return found;
}

// Foreground samples are the last ones of each batch, or they are spread evenly over an epoch, so
// that any run of samples has its share.
bool PatchSampler::wants_foreground(std::int64_t epoch, std::size_t sample) const {
  if (options_.patch.foreground == 0) return false;
  if (places_) {
    const auto [number, batch_size] = places_->place(epoch, sample);
    const double wanted = std::round(options_.patch.foreground * static_cast<double>(batch_size));
    return batch_size - number <= static_cast<std::size_t>(wanted);
  }
  Rng rng(options_.seed, stream("foreground", epoch));
  const double begin = rng.uniform(), share = options_.patch.foreground;
  const auto at = static_cast<double>(sample);
  return std::floor(begin + (at + 1) * share) > std::floor(begin + at * share);
}

// Returns the window centred at the voxel, moved to lie within the region.
Box PatchSampler::around(std::size_t volume, const Triple& voxel) const {
  const Box& region = volumes_[volume].region;
  Box window = grid(volume).window(0);
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const std::int64_t left = region.size[axis] - window.size[axis];
    if (left > 0)
      window.begin[axis] = std::clamp(voxel[axis] - window.size[axis] / 2, region.begin[axis],
                                      region.begin[axis] + left);
  }
  return window;
}

}  // namespace lucid
