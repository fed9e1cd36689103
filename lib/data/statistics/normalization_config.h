#pragma once

#include <optional>

#include "base/json.h"
#include "data/statistics/normalization.h"

namespace lucid {

// "normalize" of the data section: given values or a rule to measure them; null means neither.
struct NormalizeConfig {
  Normalization given{};
  std::optional<NormalizationRule> rule{};
};

// Reads null, "auto", {"type": .., "per": .., "low": .., "high": .., "mask": ..} or {"mean": ..,
// "std": .., "min": .., "max": .., "mask": ..} with one number each, or one per channel. The count
// is not checked if `channels` is 0.
NormalizeConfig read_normalize(JsonObject& data, Shape::Extent channels);

Json normalization_json(const Normalization& normalization);

}  // namespace lucid
