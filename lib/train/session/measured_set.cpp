#include "train/session/measured_set.h"

#include "kernels/simd/finite.h"

namespace lucid {

void walk_finite(const Dataset& set, const VoxelVisitor& visit) {
  set.walk_samples([&](const std::string& place, std::size_t channel,
                       std::span<const float> voxels) {
    if (!is_finite(voxels))
      refuse(set.find_refused(SamplePart::kInputs, {}).value_or(StoredValue{place, "others"}), {});
    visit(place, channel, voxels);
  });
}

Normalization measured_set(const RunConfig& config, const DataSets& sets) {
  const NormalizationRule& rule = *config.data.normalize.rule;
  const Dataset& set = sets.train();
  const auto channels = static_cast<std::size_t>(set.sample_shape()[0]);
  const std::string place = config.file + ": /data/normalize: ";
  const auto fail_with = [&](const std::string& message) {
    throw Error(ExitCode::kData, place + message);
  };
  Normalization measured;
  if (rule.type != NormalizationType::kCt) {
    measured = measure_normalization(rule, channels,
                                     [&](const VoxelVisitor& visit) { walk_finite(set, visit); });
  } else {
    if (!has_voxel_targets(set))
      fail_with("expected targets of voxels, whose foreground 'ct' measures, found " +
                set.target_shape().str() + " in " + sets.train_target());
    bool is_there = false;
    measured = measure_normalization(rule, channels, [&](const VoxelVisitor& visit) {
      set.walk_foreground(
          config.objective->ignore_index(),
          [&](const std::string& at, std::size_t channel, std::span<const float> voxels) {
            is_there |= !voxels.empty();
            visit(at, channel, voxels);
          });
    });
    if (!is_there)
      fail_with("expected labels above 0, whose values 'ct' measures, found none in " +
                sets.train_target());
  }
  if (!is_finite(measured.std))
    fail_with("expected values of /data/train whose range is a float32, found a larger one");
  return measured;
}

}  // namespace lucid
