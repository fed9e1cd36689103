#pragma once

#include <memory>

#include "base/warnings.h"
#include "data/statistics/normalization.h"

namespace lucid {

// Normalizes each sample by its own finite values if the rule is per volume; else returns the set.
// Values that are not finite stay as they are. A note about a volume's values goes to `warnings`,
// which must outlive the set.
std::unique_ptr<Dataset> normalized_volumes(std::unique_ptr<Dataset> set,
                                            const std::optional<NormalizationRule>& rule,
                                            Warnings& warnings);

}  // namespace lucid
