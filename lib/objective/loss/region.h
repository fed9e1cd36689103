#pragma once
// Private to this room.

#include <span>

#include "objective/loss/class_labels.h"

namespace lucid {

// Sums for one class over a region: the voxels of one sample or of a whole batch, without those
// whose label is ignored.
struct RegionSums {
  double overlap = 0;     // of prediction * target
  double prediction = 0;  // of the probabilities, or of their squares
  double target = 0;      // likewise
  double voxels = 0;
  RegionSums& operator+=(const RegionSums& other);
};

// The derivative of a loss by the probability p of a voxel:
// overlap * target + prediction + square * p.
struct RegionSlope {
  float overlap = 0, prediction = 0, square = 0;
};

// Options that MONAI's DiceLoss has under nearly the same names.
struct DiceTerms {
  bool includes_background = true;
  bool is_squared = false;
  bool is_jaccard = false;
  bool is_over_batch = false;
  double smooth_nr = 1e-5, smooth_dr = 1e-5;
};

// Adds up the sums, which are (samples, classes), over the samples.
std::vector<RegionSums> over_batch(std::span<const RegionSums> sums, std::size_t class_count);

// The sum of the Dice losses of regions, each times its class's weight, and their number. Regions
// without a voxel, and the background where it is left out, do not count.
struct DiceSums {
  double losses = 0, regions = 0;
};

// `sums` are (regions, classes).
DiceSums dice_sums(const DiceTerms& terms, const ClassTerms& classes,
                   std::span<const RegionSums> sums, std::size_t class_count);

// Writes the derivatives of `scale` times that sum; `slopes` are as `sums`.
void dice_slopes(const DiceTerms& terms, const ClassTerms& classes, double scale,
                 std::span<const RegionSums> sums, std::size_t class_count,
                 std::span<RegionSlope> slopes);

}  // namespace lucid
