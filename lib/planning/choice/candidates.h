#pragma once

#include <vector>

#include "planning/choice/defaults.h"
#include "planning/rules/plan_rules.h"

namespace lucid {

// FLOPs of a training step with all samples of its batch: three times those of the forward pass.
double step_flops(const NnunetPlan& plan);

// The networks that may be trained, by FLOPs of a step, the most costly first: nnU-Net's own plan
// by these options, its plans with fewer features and for smaller memory, those of coarser voxels
// that it would train in a cascade, and all of them with smaller batches.
std::vector<NnunetPlan> plan_candidates(const SetGeometry& set, const RuleOptions& options,
                                        const PlanDefaults& defaults);

}  // namespace lucid
