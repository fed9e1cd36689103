#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/json.h"
#include "planning/fingerprint/plan_data.h"
#include "planning/rules/plan_rules.h"

namespace lucid {

enum class PlanTask { kSegmentation, kClassification, kRegression };

// Values of a channel: of the foreground if there are labels of voxels, else of all voxels.
struct ChannelValues {
  std::string name{};                           // as the import's "channel_names" say; may be empty
  double mean = 0, std = 1, low = 0, high = 0;  // percentiles 0.5 and 99.5
};

// The connected components of a class in the volumes that have it.
struct ClassComponents {
  std::size_t volumes = 0;   // that have the class
  double count = 0;          // the median number of components
  double largest = 0;        // median voxels of the largest one
  double largest_share = 0;  // the median share of the largest one in the class's voxels
};

// What nnU-Net measures of a training set (fingerprint_extractor.py), and what else a plan needs.
struct Fingerprint {
  PlanTask task = PlanTask::kSegmentation;
  SetGeometry geometry{};    // after cropping to voxels that are not 0
  bool has_spacing = true;   // false: no file says it, and voxels count as cubes of 1 mm
  double relative_size = 1;  // median share of the voxels that cropping leaves
  std::int64_t targets = 1;  // of a regression: numbers a sample
  std::vector<std::string> class_names{};
  std::vector<std::int64_t> class_counts{};  // voxels or samples of each class
  std::vector<ChannelValues> channels{};
  std::vector<ClassComponents> components{};  // of each class above 0
  // Along d, h, w: the largest share of volumes in which the centres of two classes above 0 lie
  // in one order, a voxel apart or more. 1: their order tells the directions of the axis; 0: there
  // are no two classes.
  std::array<double, 3> class_order{};
  // Of the share of a volume's voxels that are foreground: the deviation over the mean.
  double share_variation = 0;
};

// Receives what is being measured and the share that is done, 0 to 1; may throw to cancel.
using FingerprintProgress = std::function<void(const std::string& what, double share)>;

// Reads all of the set, part by part. Throws Error(kData) if targets are neither classes nor one or
// several numbers a volume.
Fingerprint measure_fingerprint(const PlanData& data, int threads,
                                const FingerprintProgress& progress);

// Returns shapes and voxel sizes as smallest, median and largest, and the rest as it is.
Json fingerprint_json(const Fingerprint& fingerprint);

}  // namespace lucid
