#include "data/patch/set.h"

#include <utility>

#include "kernels/simd/finite.h"

namespace lucid {
namespace {

constexpr std::int64_t kPartVoxels = 1 << 22,
                       kPartEdge = 64;  // size of parts that whole volumes are read in

}  // namespace

PatchSet::PatchSet(PatchVolumes volumes, const Options& options)
    : volumes_(std::move(volumes)), options_(options) {
  if (needs_index())
    for (const PatchVolume& volume : volumes_.all()) indexes_.push_back(index(volume));
  sampler_.emplace(volumes_.all(), indexes_, options_.sampling);
  if (size() == 0)
    throw Error(ExitCode::kData, volumes_.all().front().stacks->mask->place() +
                                     ": expected a mask that is not 0 somewhere in the roi");
}

bool PatchSet::needs_index() const {
  return volumes_.has_mask() || options_.sampling.patch.foreground > 0 || options_.needs_labels;
}

VoxelIndex PatchSet::index(const PatchVolume& volume) const {
  if (options_.measured == nullptr) return index_voxels(volume, options_.threads);
  return voxel_index_of(options_.measured->get(
      "labels|" + box_text(volume.region) + "|" + volume.identity() + volume.grid.key(),
      [&] { return stored_values(index_voxels(volume, options_.threads)); }));
}

Shape PatchSet::sample_shape() const {
  const Triple& size = options_.sampling.patch.size;
  return {volumes_.channels(), size[0], size[1], size[2]};
}

Shape PatchSet::target_shape() const {
  if (!has_targets()) return {};
  const Shape stored = volumes_.target()->target_shape();
  if (!volumes_.has_voxel_targets()) return stored;
  const Shape patch = sample_shape().without_first();
  return stored.rank() == 4 ? patch.with_batch(stored[0]) : patch;
}

TargetType PatchSet::target_type() const {
  const bool holds_integers = has_targets() && volumes_.target()->holds_integers();
  return holds_integers ? TargetType::kIntegers : TargetType::kFloats;
}

void PatchSet::read_sample(std::size_t index, std::span<float> sample) const {
  read(0, index, sample, {});
}

void PatchSet::read_target(std::size_t index, std::span<float> target) const {
  const Patch patch = sampler_->patch(0, index);
  read_patch_target(volumes_.all()[patch.volume], patch, options_.sampling.patch.padding,
                    options_.sampling.ignored, target);
}

void PatchSet::read(std::int64_t epoch, std::size_t index, std::span<float> sample,
                    std::span<float> target) const {
  const Patch patch = sampler_->patch(epoch, index);
  const PatchVolume& volume = volumes_.all()[patch.volume];
  const PatchPadding padding = options_.sampling.patch.padding;
  const Normalization& normalization =
      normalizations_.size() == 1 ? normalizations_[0] : normalizations_[patch.volume];
  read_patch(volume, patch.window, normalization, padding, sample);
  if (!target.empty()) read_patch_target(volume, patch, padding, options_.sampling.ignored, target);
}

std::string PatchSet::target_place(std::size_t index) const {
  return volumes_.all()[sampler_->patch(0, index).volume].place();
}

std::string PatchSet::sample_place(std::size_t index) const {
  return volumes_.all()[sampler_->patch(0, index).volume].input_place();
}

void PatchSet::walk_samples(const VoxelVisitor& visit) const {
  for (const PatchVolume& volume : volumes_.all())
    walk_volume(volume, volume.grid.stored_region(), visit);
}

// Values and labels are those of the files, whatever the grid.
void PatchSet::walk_foreground(std::optional<std::int64_t> ignored,
                               const VoxelVisitor& visit) const {
  std::vector<float> targets;
  for (const PatchVolume& volume : volumes_.all()) {
    const Stack& target = *volume.stacks->target;
    const Shape shape = target.target_shape();
    const std::int64_t channels = shape.rank() == 4 ? shape[0] : 1;
    walk_boxes(volume.grid.stored_region(), kPartEdge, kPartVoxels, [&](const Box& part) {
      targets.resize(static_cast<std::size_t>(channels * part.voxels()));
      target.read(volume.sample, part, targets, options_.threads);
      walk_volume(
          volume, part,
          [&](const std::string& place, std::size_t channel, std::span<const float> voxels) {
            visit(place, channel, foreground_of(voxels, targets, ignored));
          });
    });
  }
}

void PatchSet::normalize_volumes(const NormalizationRule& rule, Warnings& warnings) {
  normalizations_.clear();
  for (const PatchVolume& volume : volumes_.all()) {
    normalizations_.push_back(measured(volume, rule));
    for (const std::string& note : normalizations_.back().notes)
      warnings.add("normalize",
                   volume.input_place() + ", " + note + "; other volumes may be alike");
  }
}

Normalization PatchSet::measured(const PatchVolume& volume, const NormalizationRule& rule) const {
  const Box& whole = volume.whole;
  const auto measure = [&] {
    return measure_normalization(
        rule, static_cast<std::size_t>(volumes_.channels()), [&](const VoxelVisitor& visit) {
          walk_volume(
              volume, whole,
              [&](const std::string& place, std::size_t channel, std::span<const float> voxels) {
                if (!is_finite(voxels))
                  if (const auto found = find_in(volume, whole, SamplePart::kInputs, {}))
                    refuse(*found, {});
                visit(place, channel, voxels);
              });
        });
  };
  if (options_.measured == nullptr) return measure();
  const Box all{{0, 0, 0}, volume.stacks->first().extents()};
  const std::string cropped = whole == all ? "" : " of " + box_text(whole);
  return normalization_of(
      options_.measured->get(rule_text(rule) + cropped + "|" + volume.identity(),
                             [&] { return stored_values(measure()); }));
}

void PatchSet::walk_volume(const PatchVolume& volume, const Box& box,
                           const VoxelVisitor& visit) const {
  const std::string place = volume.place();
  std::vector<float> values;
  walk_boxes(box, kPartEdge, kPartVoxels, [&](const Box& part) {
    const auto voxels = static_cast<std::size_t>(part.voxels());
    std::size_t channel = 0;
    for (const auto& input : volume.stacks->inputs) {
      values.resize(voxels * static_cast<std::size_t>(input->volume_shape()[0]));
      input->read(volume.sample, part, values, options_.threads);
      for (std::span<const float> rest = values; !rest.empty(); rest = rest.subspan(voxels))
        visit(place, channel++, rest.first(voxels));
    }
  });
}

std::optional<LabelHistogram> PatchSet::label_histogram() const {
  if (target_type() != TargetType::kIntegers || !volumes_.has_voxel_targets()) return std::nullopt;
  if (!has_classes(*volumes_.target())) return channel_labels();
  if (indexes_.empty()) return std::nullopt;
  LabelHistogram histogram;
  for (std::size_t volume = 0; volume < indexes_.size(); ++volume)
    for (const auto& [label, counts] : indexes_[volume].labels) {
      LabelCount& count = histogram[label];
      if (count.voxels == 0) count.place = volumes_.all()[volume].place();
      count.voxels += counts.voxels();
    }
  return histogram;
}

// Counts labels of targets with channels, for which there is no index.
LabelHistogram PatchSet::channel_labels() const {
  LabelHistogram histogram;
  std::vector<float> labels;
  for (const PatchVolume& volume : volumes_.all())
    walk_boxes(volume.region, kPartEdge, kPartVoxels, [&](const Box& part) {
      const Stack& target = *volume.stacks->target;
      labels.resize(static_cast<std::size_t>(target.target_shape()[0] * part.voxels()));
      volume.grid.read_target(target, volume.sample, part, labels, options_.threads);
      LabelCount* count = nullptr;
      for (std::size_t i = 0; i < labels.size(); ++i) {
        if (count == nullptr || labels[i] != labels[i - 1]) count = &histogram[label_of(labels[i])];
        if (count->voxels++ == 0) count->place = volume.place();
      }
    });
  return histogram;
}

}  // namespace lucid
