#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "labels/measures/contingency.h"

namespace lucid {

// What is measured of a class, in the order of the columns of tables. Values that are not defined
// are NaN.
enum class Measure : std::size_t {
  kDice,
  kIou,
  kPrecision,
  kRecall,
  kHd95,
  kMeanSurfaceDistance,
  kSurfaceDice,
  kVolume,
  kTruthVolume,
  kVolumeDifference,
  kCount
};
inline constexpr std::size_t kMeasures = static_cast<std::size_t>(Measure::kCount);

struct MeasureName {
  std::string_view key;     // in CSV and nnU-Net's part of JSON
  std::string_view name;    // in JSON's list of cases and its means
  std::string_view column;  // in the table
  int digits;               // in the table
};
const MeasureName& measure_name(std::size_t measure);

using MeasureValues = std::array<double, kMeasures>;

// Voxels of a class: true and false positives and negatives.
struct ClassVoxels {
  std::int64_t tp = 0, fp = 0, fn = 0, tn = 0;
  std::int64_t predicted() const { return tp + fp; }
  std::int64_t in_truth() const { return tp + fn; }
};
ClassVoxels class_voxels(std::span<const LabelPair> pairs, Label label);

// A class in a case.
struct ClassMeasures {
  Label label = 0;
  ClassVoxels voxels;
  MeasureValues values;

  double& operator[](Measure measure) { return values[static_cast<std::size_t>(measure)]; }
  double operator[](Measure measure) const { return values[static_cast<std::size_t>(measure)]; }
};

// Returns what follows from the voxels; distances are not defined. Dice and IoU are not defined for
// a class that is in neither volume, precision without prediction, recall without truth.
ClassMeasures overlap_measures(Label label, const ClassVoxels& voxels, double voxel_mm3);

}  // namespace lucid
