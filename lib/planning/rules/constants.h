#pragma once
// Private to this room.

#include <array>
#include <cstdint>

namespace lucid {

// nnU-Net's numbers (default_experiment_planner.py). Elements are those of all outputs of
// convolutions for one sample.
inline constexpr double kSmallestEdge = 4;            // voxels that pooling leaves of an axis
inline constexpr double kSimilarSpacing = 2;          // axes whose voxels differ by less are alike
inline constexpr double kAnisotropy = 3;              // of voxels, and of extents
inline constexpr double kCoarsePercentile = 10;       // of the spacings of a coarse axis
inline constexpr double kFirstPatchVoxels = 1 << 24;  // 256^3
inline constexpr double kReferenceBatch = 2;
inline constexpr double kLowResolutionShare = 0.25;  // of the median volume in a patch
inline constexpr double kSpacingStep = 1.03;         // of the search for a low resolution
inline constexpr std::int64_t kMostFeatures = 320;

// The networks that a GPU of so many GB trains with kReferenceBatch.
struct Preset {
  const char* name;
  double memory_gb, elements;
  double largest_share;  // of the set's voxels in one batch
};
inline constexpr Preset kPlainPreset{"nnU-Net", 8, 560e6, 0.05};
// residual_encoder_unet_planners.py
inline constexpr std::array<Preset, 3> kResidualPresets{{{"nnU-Net's ResEnc M", 8, 680e6, 1},
                                                         {"nnU-Net's ResEnc L", 24, 2100e6, 1},
                                                         {"nnU-Net's ResEnc XL", 40, 3600e6, 1}}};

}  // namespace lucid
