#include "labels/evaluation/class_measures.h"

#include <limits>

namespace lucid {
namespace {

constexpr std::array<MeasureName, kMeasures> kNames{
    {{"Dice", "dice", "Dice", 4},
     {"IoU", "iou", "IoU", 4},
     {"Precision", "precision", "precision", 4},
     {"Recall", "recall", "recall", 4},
     {"HD95", "hd95", "HD95 mm", 3},
     {"MeanSurfaceDistance", "mean_surface_distance", "mean mm", 3},
     {"SurfaceDice", "surface_dice", "surface Dice", 4},
     {"volume_mm3", "volume_mm3", "ml", 3},
     {"volume_truth_mm3", "volume_truth_mm3", "truth ml", 3},
     {"volume_difference_mm3", "volume_difference_mm3", "difference", 3}}};

// 0 / 0 is not defined.
double ratio(std::int64_t part, std::int64_t whole) {
  if (whole == 0) return std::numeric_limits<double>::quiet_NaN();
  return static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

const MeasureName& measure_name(std::size_t measure) { return kNames[measure]; }

ClassVoxels class_voxels(std::span<const LabelPair> pairs, Label label) {
  ClassVoxels voxels;
  for (const LabelPair& pair : pairs) {
    const bool is_predicted = pair.prediction == label, is_true = pair.truth == label;
    (is_predicted ? (is_true ? voxels.tp : voxels.fp) : (is_true ? voxels.fn : voxels.tn)) +=
        pair.voxels;
  }
  return voxels;
}

ClassMeasures overlap_measures(Label label, const ClassVoxels& voxels, double voxel_mm3) {
  ClassMeasures measures{label, voxels, {}};
  measures.values.fill(std::numeric_limits<double>::quiet_NaN());
  measures[Measure::kDice] = ratio(2 * voxels.tp, voxels.predicted() + voxels.in_truth());
  measures[Measure::kIou] = ratio(voxels.tp, voxels.tp + voxels.fp + voxels.fn);
  measures[Measure::kPrecision] = ratio(voxels.tp, voxels.predicted());
  measures[Measure::kRecall] = ratio(voxels.tp, voxels.in_truth());
  measures[Measure::kVolume] = voxel_mm3 * static_cast<double>(voxels.predicted());
  measures[Measure::kTruthVolume] = voxel_mm3 * static_cast<double>(voxels.in_truth());
  measures[Measure::kVolumeDifference] =
      voxel_mm3 * static_cast<double>(voxels.predicted() - voxels.in_truth());
  return measures;
}

}  // namespace lucid
