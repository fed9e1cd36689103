#pragma once

#include <memory>

#include "data/statistics/normalization.h"

namespace lucid {

// Normalizes each sample by its own values if the rule is per volume; else returns the set.
std::unique_ptr<Dataset> normalized_volumes(std::unique_ptr<Dataset> set,
                                            const std::optional<NormalizationRule>& rule);

}  // namespace lucid
