#pragma once

#include <span>

#include "objective/loss/class_labels.h"
#include "objective/loss/reduction.h"

namespace lucid {

// Sums over the voxels of a region: those of one sample, or of a batch, as one class sees them.
// Voxels whose label is ignored are in none.
struct RegionSums {
  double overlap = 0;     // of prediction * target
  double prediction = 0;  // of the probabilities, or of their squares
  double target = 0;      // likewise
  double voxels = 0;
  RegionSums& operator+=(const RegionSums& other);
};

// A loss's derivative by a voxel's probability p: overlap * target + prediction + square * p.
struct RegionSlope {
  float overlap = 0, prediction = 0, square = 0;
};

// MONAI's arguments of nearly those names.
struct DiceTerms {
  bool includes_background = true;
  bool is_squared = false;
  bool is_jaccard = false;
  bool is_over_batch = false;
  double smooth_nr = 1e-5, smooth_dr = 1e-5;
};

// Those of (samples, classes) added up over the samples.
std::vector<RegionSums> over_batch(std::span<const RegionSums> sums, std::size_t class_count);

// The Dice losses of all regions, each times its class's weight, together times `factor`. `sums`
// and `slopes` are (samples, classes). Regions without a voxel are left out; a mean is over the
// others.
double dice(const DiceTerms& terms, const ClassTerms& classes, Reduction reduction, double factor,
            std::span<const RegionSums> sums, std::size_t class_count,
            std::span<RegionSlope> slopes);

}  // namespace lucid
