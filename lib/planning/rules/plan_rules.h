#pragma once

#include <optional>
#include <string>
#include <vector>

#include "planning/rules/unet.h"

namespace lucid {

// What the rules look at: the volumes of a training set after cropping.
struct SetGeometry {
  std::vector<Triple> shapes{};  // in voxels
  std::vector<VoxelSize> spacings{};
  std::int64_t channels = 1, classes = 2;
};

// The voxel size that a set is resampled to: the median, but of a coarse axis with few voxels the
// 10th percentile (determine_fullres_target_spacing).
VoxelSize target_spacing(const SetGeometry& set);

// The median extents of the set at a voxel size.
Extents median_extents(const SetGeometry& set, const VoxelSize& spacing);

// What nnU-Net would train at a voxel size (get_plans_for_configuration).
struct NnunetPlan {
  VoxelSize spacing{};
  Extents median{};
  Unet unet{};
  std::int64_t batch = 2;

  bool holds_median() const;  // a patch holds a volume of median size
};

std::string patch_text(const NnunetPlan& plan);  // "40x56x40"

// Of a U-Net: convolutions, or residual blocks as in nnU-Net's ResEnc presets.
enum class Encoder { kPlain, kResidual };

// What the rules may vary.
struct RuleOptions {
  double memory_gb = 8;  // of a GPU, as nnU-Net counts
  std::int64_t first_features = 32;
  Encoder encoder = Encoder::kPlain;
};

// Whose elements for a memory the rules scale to that of the options: "nnU-Net", or of "nnU-Net's
// ResEnc M", "L" and "XL" the largest that fits.
std::string preset_name(const RuleOptions& options);

NnunetPlan plan_at(const SetGeometry& set, const VoxelSize& spacing, const RuleOptions& options);

// At target_spacing().
NnunetPlan full_resolution_plan(const SetGeometry& set, const RuleOptions& options);

// The plan of a coarser voxel size where a patch of `full` covers less than a quarter of the median
// volume; none if that has not half of the voxels at most.
std::optional<NnunetPlan> low_resolution_plan(const SetGeometry& set, const NnunetPlan& full,
                                              const RuleOptions& options);

// numpy.percentile of values that need not be sorted; throws nothing, there is at least one.
double percentile_of(std::vector<double> values, double percent);

}  // namespace lucid
