#pragma once

#include <memory>

#include "data/statistics/normalization.h"

namespace lucid {

// The set's samples, each normalised by what it holds itself where the rule says so; else the set.
std::unique_ptr<Dataset> normalized_volumes(std::unique_ptr<Dataset> set,
                                            const std::optional<NormalizationRule>& rule);

}  // namespace lucid
