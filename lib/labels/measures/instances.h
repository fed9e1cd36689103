#pragma once

#include <array>
#include <span>
#include <vector>

#include "labels/measures/contingency.h"

namespace lucid {

// Thresholds of the IoU from which objects match: 0.5, 0.55, .. 0.95.
inline constexpr std::size_t kIouThresholds = 10;
double iou_threshold(std::size_t index);

// How well the objects of a prediction are those of the truth, whatever their numbers. Voxels that
// are 0 in the truth count for the matches only, as customary for the two other measures.
struct InstanceMeasures {
  // 1 - 2 P R / (P + R) of pairs of voxels that are in one object, as skimage.metrics
  // .adapted_rand_error(truth, prediction).
  double adapted_rand_error, rand_precision, rand_recall;
  // H(prediction | truth) and H(truth | prediction) in bits, as skimage.metrics
  // .variation_of_information(truth, prediction, ignore_labels=[0]).
  double voi_split, voi_merge;
  // TP / (TP + FP + FN) of objects at each threshold, and the mean of all.
  std::array<double, kIouThresholds> average_precision;
  double mean_average_precision;
  std::int64_t predicted, in_truth;  // objects
};

// `pairs` are in the order of Contingency::pairs(). What has nothing to count is NaN.
InstanceMeasures instance_measures(std::span<const LabelPair> pairs);

}  // namespace lucid
