#pragma once

#include <cstdint>
#include <vector>

#include "data/volumes/volumes.h"
#include "infer/predict/options.h"
#include "infer/predict/predictor.h"

namespace lucid {

// Samples or windows as the network takes them, by which it is rounded to bytes.
struct CalibrationSet {
  std::int64_t count = 0;
  std::vector<float> samples{}, targets{};  // no targets: the float network's predictions count
};

// Returns how many of the available samples are taken: as many as the options say, or fewer where
// they and their predictions would take more than a GiB.
std::int64_t calibration_count(const CalibrationOptions& options, const Graph& graph,
                               std::int64_t available);

// Throws Error(kData) if samples or, where they count, targets do not fit the network.
void check_volumes(bool has_target, const TrainedConfig& config, const Volumes& volumes);

// Throws Error(kData) if the loss does not accept a value of the targets.
void check_targets(const TrainedConfig& config, TargetType type, const std::string& place,
                   std::span<const float> targets);

// Reads whole samples, spread evenly over the set. Throws Error like infer().
CalibrationSet read_calibration_samples(const InferOptions& options, const TrainedConfig& config);

// Reads with the targets if they are there. Those that were not asked for may be missing.
template <class Read>
CalibrationSet read_calibration(const CalibrationOptions& options, const Read& read) {
  VolumesConfig volumes = options.volumes;
  try {
    return read(volumes);
  } catch (const Error&) {
    if (volumes.target.empty() || options.is_target_wanted) throw;
  }
  volumes.target.clear();
  return read(volumes);
}

// Returns which of `available` come next, spread evenly: number i of `count`.
constexpr std::int64_t spread(std::int64_t i, std::int64_t count, std::int64_t available) {
  return i * available / count;
}

// Rounds the layers of the network to bytes, but for those that have to stay in float so that the
// loss is within the options' limit. The result depends on the arguments alone, but for the times.
// Throws Error(kUsage) if no layer can be rounded.
CalibrationReport round_to_bytes(Predictor& predictor, const CalibrationSet& set,
                                 const InferOptions& options);

}  // namespace lucid
