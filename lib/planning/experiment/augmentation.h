#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "planning/choice/defaults.h"
#include "planning/fingerprint/fingerprint.h"

namespace lucid {

struct PlannedAugmentation {
  Json transforms{};  // "data.augmentation"
  std::vector<std::string> reasons{};
};

// The letters of d, h, w along which mirror images show what a volume may: those whose directions
// the order of classes does not tell.
std::string mirrored_axes(const Fingerprint& fingerprint, const PlanDefaults& defaults);

// nnU-Net's for patches of labelled voxels (nnUNetTrainer.py), but for its mirror images along all
// axes: here along mirrored_axes(). `is_short`: for runs with AdamW.
PlannedAugmentation planned_augmentation(const Fingerprint& fingerprint,
                                         const PlanDefaults& defaults, const Triple& patch,
                                         bool is_short);

}  // namespace lucid
