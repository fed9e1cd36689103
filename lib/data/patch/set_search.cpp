#include "data/patch/set.h"

namespace lucid {
namespace {

// The size of the parts of a volume that are searched one after the other.
constexpr std::int64_t kSearchedVoxels = 1 << 22, kSearchedEdge = 16;

}  // namespace

std::vector<SampleOrigin> PatchSet::origins() const {
  std::vector<SampleOrigin> origins;
  for (const PatchVolume& volume : volumes_.all()) {
    const Stack& input = volume.stacks->first();
    const std::size_t sample = input.stored_sample(volume.sample);
    origins.push_back({input.identity(), input.place(), sample, sample + 1,
                       volume.grid.stored_region(), input.stored(), volume.stacks->name,
                       volume.stacks->is_numbered()});
  }
  return origins;
}

// Voxels of a target that become ignored are not looked at.
std::optional<StoredValue> PatchSet::find_refused(SamplePart part, std::int64_t epoch,
                                                  std::size_t index, const ValueRule& rule) const {
  const Patch patch = sampler_->patch(epoch, index);
  const PatchVolume& volume = volumes_.all()[patch.volume];
  const VolumeStacks& stacks = *volume.stacks;
  if (part == SamplePart::kInputs)
    return stacks.find_refused_input(
        volume.sample, volume.grid.stored_values(overlap(patch.window, volume.region)), rule);
  if (!has_voxels(*stacks.target))
    return stacks.target->find_refused(volume.sample, std::nullopt, rule, nullptr);
  const bool are_ignored = options_.sampling.ignored.has_value();
  const Box& box = are_ignored ? patch.counted : patch.window;
  return stacks.target->find_refused(volume.sample,
                                     volume.grid.stored_labels(overlap(box, volume.region)), rule,
                                     are_ignored ? stacks.mask.get() : nullptr);
}

// Targets are searched where the mask is not 0.
std::optional<StoredValue> PatchSet::find_refused(SamplePart part, const ValueRule& rule) const {
  for (const PatchVolume& volume : volumes_.all())
    if (auto found = find_in(volume, volume.grid.stored_region(), part, rule)) return found;
  return std::nullopt;
}

std::optional<StoredValue> PatchSet::find_in(const PatchVolume& volume, const Box& box,
                                             SamplePart part, const ValueRule& rule) {
  const VolumeStacks& stacks = *volume.stacks;
  if (part == SamplePart::kTarget && !has_voxels(*stacks.target))
    return stacks.target->find_refused(volume.sample, std::nullopt, rule, nullptr);
  std::optional<StoredValue> found;
  walk_boxes(box, kSearchedEdge, kSearchedVoxels, [&](const Box& piece) {
    if (found) return;
    found = part == SamplePart::kInputs
                ? stacks.find_refused_input(volume.sample, piece, rule)
                : stacks.target->find_refused(volume.sample, piece, rule, stacks.mask.get());
  });
  return found;
}

}  // namespace lucid
