#pragma once

#include <optional>

#include "base/json.h"
#include "data/statistics/normalization.h"

namespace lucid {

// "normalize" of the data section: numbers, or how they are measured; nothing where it is null.
struct NormalizeConfig {
  Normalization given{};
  std::optional<NormalizationRule> rule{};
};

// null, "auto", {"type": .., "per": .., "low": .., "high": ..} or {"mean": .., "std": .., "min":
// .., "max": ..}, each a number or one a channel. channels 0: unknown, and not checked.
NormalizeConfig read_normalize(JsonObject& data, Shape::Extent channels);

Json normalization_json(const Normalization& normalization);

}  // namespace lucid
