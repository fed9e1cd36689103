#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "planning/choice/choice.h"
#include "planning/experiment/commented_json.h"
#include "planning/fingerprint/fingerprint.h"
#include "planning/fingerprint/plan_data.h"
#include "planning/rules/plan_rules.h"

namespace lucid {

// What a plan is made for.
struct PlanSettings {
  std::string name{};  // of the experiment
  std::uint64_t seed = 0;
  double seconds = 0;                 // of a run; 0: unlimited
  std::int64_t folds = 0;             // 0: the data have a validation set
  Encoder encoder = Encoder::kPlain;  // of U-Nets
  PlanDefaults defaults{};
};

// An experiment file, and why its keys are as they are.
struct PlannedExperiment {
  Json json{};
  JsonComments comments{};
};

// The training of a U-Net by nnU-Net's rules (nnUNetTrainer.py): its loss, augmentations and, for
// long runs, its SGD; short ones take AdamW with one cycle.
PlannedExperiment segmentation_experiment(const Fingerprint& fingerprint, const PlanData& data,
                                          const PlanSettings& settings, const NnunetPlan& plan,
                                          const Length& length);

// The training of a network with one output a volume: class weights where classes are uneven.
PlannedExperiment samples_experiment(const Fingerprint& fingerprint, const PlanData& data,
                                     const PlanSettings& settings, const Json& model,
                                     const Length& length);

}  // namespace lucid
