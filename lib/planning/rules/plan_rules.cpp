#include "planning/rules/plan_rules.h"

#include <algorithm>
#include <cmath>

#include "planning/rules/constants.h"
#include "tensor/shape.h"

namespace lucid {
namespace {

template <typename T>
double volume(const std::array<T, 3>& extents) {
  return static_cast<double>(extents[0]) * static_cast<double>(extents[1]) *
         static_cast<double>(extents[2]);
}

template <typename T>
std::vector<double> along(const std::vector<std::array<T, 3>>& values, std::size_t axis) {
  std::vector<double> column;
  for (const auto& value : values) column.push_back(static_cast<double>(value[axis]));
  return column;
}

std::size_t coarsest_axis(const VoxelSize& spacing) {
  return static_cast<std::size_t>(std::ranges::max_element(spacing) - spacing.begin());
}

// nnU-Net looks at axes with the coarsest one first; of equal ones it takes the last.
std::size_t axis_to_shrink(const Triple& patch, const Extents& median, const VoxelSize& spacing) {
  const std::size_t coarsest = coarsest_axis(spacing);
  std::size_t chosen = coarsest;
  double largest = static_cast<double>(patch[coarsest]) / median[coarsest];
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const double share = static_cast<double>(patch[axis]) / median[axis];
    if (axis == coarsest || share < largest) continue;
    chosen = axis;
    largest = share;
  }
  return chosen;
}

// The volume of 256^3 voxels whose sides are of equal length in mm, where the volumes are that
// large.
Extents first_patch(const VoxelSize& spacing, const Extents& median) {
  const double scale = std::cbrt(kFirstPatchVoxels * volume(spacing));
  Extents patch{};
  for (std::size_t axis = 0; axis < 3; ++axis)
    patch[axis] = std::min(std::nearbyint(scale / spacing[axis]), median[axis]);
  return patch;
}

const Preset& preset_of(const RuleOptions& options) {
  if (options.encoder == Encoder::kPlain) return kPlainPreset;
  const Preset* largest = &kResidualPresets.front();
  for (const Preset& one : kResidualPresets)
    if (one.memory_gb <= options.memory_gb) largest = &one;
  return *largest;
}

Unet unet_of(const SetGeometry& set, const Topology& topology, const RuleOptions& options) {
  const std::size_t stages = topology.strides.size();
  Unet unet{.topology = topology,
            .features = doubled_features(stages, options.first_features, kMostFeatures),
            .channels = set.channels,
            .classes = set.classes};
  if (options.encoder == Encoder::kResidual) {
    unet.blocks = residual_blocks(stages);
    unet.convolutions = 1;
  }
  return unet;
}

Extents as_extents(const Triple& t) {
  return {static_cast<double>(t[0]), static_cast<double>(t[1]), static_cast<double>(t[2])};
}

// Takes one divisor off the axis that is largest beside the median. The divisor is that of the
// smaller patch, as else valid sizes would be passed over.
Topology shrunk(const Topology& topology, const VoxelSize& spacing, const Extents& median) {
  const std::size_t axis = axis_to_shrink(topology.patch, median, spacing);
  Triple patch = topology.patch;
  patch[axis] -= topology.divisor[axis];
  const Triple divisor = unet_topology(spacing, as_extents(patch)).divisor;
  patch = topology.patch;
  patch[axis] -= divisor[axis];
  return unet_topology(spacing, as_extents(patch));
}

NnunetPlan plan_for(const SetGeometry& set, const VoxelSize& spacing, const Extents& median,
                    double set_voxels, const RuleOptions& options) {
  const Preset& preset = preset_of(options);
  const double reference = preset.elements * (options.memory_gb / preset.memory_gb);
  Topology topology = unet_topology(spacing, first_patch(spacing, median));
  NnunetPlan plan{spacing, median, unet_of(set, topology, options)};
  double elements = unet_cost(plan.unet).elements;
  while (elements > reference) {
    const Topology smaller = shrunk(topology, spacing, median);
    if (volume(smaller.patch) >= volume(topology.patch)) break;  // nothing is left to shrink
    topology = smaller;
    plan.unet = unet_of(set, topology, options);
    elements = unet_cost(plan.unet).elements;
  }
  const double batch = std::nearbyint(reference / elements * kReferenceBatch);
  const double most = std::nearbyint(set_voxels * preset.largest_share / volume(topology.patch));
  plan.batch = static_cast<std::int64_t>(std::max(std::min(batch, most), kReferenceBatch));
  return plan;
}

}  // namespace

std::string patch_text(const NnunetPlan& plan) {
  const Triple& patch = plan.unet.topology.patch;
  return Shape{patch[0], patch[1], patch[2]}.str();
}

std::string preset_name(const RuleOptions& options) { return preset_of(options).name; }

double percentile_of(std::vector<double> values, double percent) {
  std::ranges::sort(values);
  const double place = percent / 100 * static_cast<double>(values.size() - 1);
  const std::size_t below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (values[above] - values[below]) * (place - static_cast<double>(below));
}

VoxelSize target_spacing(const SetGeometry& set) {
  VoxelSize spacing{};
  Extents extents{};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    spacing[axis] = percentile_of(along(set.spacings, axis), 50);
    extents[axis] = percentile_of(along(set.shapes, axis), 50);
  }
  const std::size_t coarsest = coarsest_axis(spacing);
  const std::size_t one = (coarsest + 1) % 3, other = (coarsest + 2) % 3;
  const double coarser = std::max(spacing[one], spacing[other]);
  if (spacing[coarsest] > kAnisotropy * coarser &&
      extents[coarsest] * kAnisotropy < std::min(extents[one], extents[other])) {
    const double fine = percentile_of(along(set.spacings, coarsest), kCoarsePercentile);
    // nnU-Net adds 1e-5 so that this axis stays the coarsest.
    spacing[coarsest] = fine < coarser ? coarser + 1e-5 : fine;
  }
  return spacing;
}

bool NnunetPlan::holds_median() const {
  bool holds = true;
  for (std::size_t axis = 0; axis < 3; ++axis)
    holds = holds && static_cast<double>(unet.topology.patch[axis]) >= median[axis];
  return holds;
}

Extents median_extents(const SetGeometry& set, const VoxelSize& spacing) {
  Extents median{};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    std::vector<double> extents;
    for (std::size_t i = 0; i < set.shapes.size(); ++i)
      extents.push_back(std::nearbyint(set.spacings[i][axis] / spacing[axis] *
                                       static_cast<double>(set.shapes[i][axis])));
    median[axis] = percentile_of(extents, 50);
  }
  return median;
}

NnunetPlan plan_at(const SetGeometry& set, const VoxelSize& spacing, const RuleOptions& options) {
  const Extents median = median_extents(set, spacing);
  return plan_for(set, spacing, median, volume(median) * static_cast<double>(set.shapes.size()),
                  options);
}

NnunetPlan full_resolution_plan(const SetGeometry& set, const RuleOptions& options) {
  return plan_at(set, target_spacing(set), options);
}

std::optional<NnunetPlan> low_resolution_plan(const SetGeometry& set, const NnunetPlan& full,
                                              const RuleOptions& options) {
  std::optional<NnunetPlan> plan;
  VoxelSize spacing = full.spacing;
  double voxels = volume(full.median), patch = volume(full.unet.topology.patch);
  while (patch / voxels < kLowResolutionShare) {
    const double coarsest = std::ranges::max(spacing);
    VoxelSize next = spacing;
    bool is_anisotropic = false;
    for (std::size_t axis = 0; axis < 3; ++axis)
      if (coarsest / spacing[axis] > kSimilarSpacing) {
        next[axis] *= kSpacingStep;
        is_anisotropic = true;
      }
    if (!is_anisotropic)
      for (double& side : next) side *= kSpacingStep;
    spacing = next;
    Extents median{};
    for (std::size_t axis = 0; axis < 3; ++axis)
      median[axis] = full.spacing[axis] / spacing[axis] * full.median[axis];
    voxels = volume(median);
    for (double& side : median) side = std::nearbyint(side);
    plan = plan_for(set, spacing, median, voxels * static_cast<double>(set.shapes.size()), options);
    patch = volume(plan->unet.topology.patch);
  }
  if (plan && volume(full.median) / voxels < 2) plan.reset();
  return plan;
}

}  // namespace lucid
