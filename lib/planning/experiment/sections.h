#pragma once
// Private to this room.

#include <optional>

#include "planning/experiment/planned_experiment.h"

namespace lucid {

// Returns "data" with the training and the validation set.
Json set_sections(const PlanData& data);

// Returns "train": epochs, folds if there are some, and the monitored value if it is measured.
Json train_section(const PlanData& data, const PlanSettings& settings, const Length& length,
                   const std::string& monitor);

// Lets folds predict by mirror images, which the training knows.
void predict_mirrored(Json& train);

// Returns "train.ema" that averages over the last steps of a run; nothing for very short ones.
std::optional<Json> ema_section(const PlanDefaults& defaults, const Length& length);
inline constexpr auto kReasonOfEma =
    "What predicts is the mean of the weights over the last tenth of the steps.";

}  // namespace lucid
