#pragma once
// Private to this room.

#include "planning/experiment/planned_experiment.h"

namespace lucid {

// Returns "data" with the training and the validation set.
Json set_sections(const PlanData& data);

// Returns "train": epochs, folds if there are some, and the monitored value if it is measured.
Json train_section(const PlanData& data, const PlanSettings& settings, const Length& length,
                   const std::string& monitor);

}  // namespace lucid
