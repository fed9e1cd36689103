#pragma once
// Private to this room.

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

// nnU-Net's for patches of labelled voxels (nnUNetTrainer.py). It mirrors along all axes: here an
// axis is left out whose directions the order of classes tells. `is_short`: for runs with AdamW.
PlannedAugmentation planned_augmentation(const Fingerprint& fingerprint,
                                         const PlanDefaults& defaults, const Triple& patch,
                                         bool is_short);

}  // namespace lucid
