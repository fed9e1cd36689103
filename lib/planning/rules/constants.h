#pragma once
// Private to this room.

#include <cstdint>

namespace lucid {

// nnU-Net's numbers (default_experiment_planner.py). Elements are those of all outputs of
// convolutions for one sample.
inline constexpr double kSmallestEdge = 4;            // voxels that pooling leaves of an axis
inline constexpr double kSimilarSpacing = 2;          // axes whose voxels differ by less are alike
inline constexpr double kAnisotropy = 3;              // of voxels, and of extents
inline constexpr double kCoarsePercentile = 10;       // of the spacings of a coarse axis
inline constexpr double kFirstPatchVoxels = 1 << 24;  // 256^3
inline constexpr double kReferenceElements = 560e6;   // with kReferenceMemory and kReferenceBatch
inline constexpr double kReferenceMemory = 8;         // GB
inline constexpr double kReferenceBatch = 2;
inline constexpr double kLargestShare = 0.05;        // of the set's voxels in one batch
inline constexpr double kLowResolutionShare = 0.25;  // of the median volume in a patch
inline constexpr double kSpacingStep = 1.03;         // of the search for a low resolution
inline constexpr std::int64_t kMostFeatures = 320;

}  // namespace lucid
