#pragma once
// Private to this room.

#include "train/session/data_sets.h"

namespace lucid {

using LabelCounts = std::vector<std::vector<std::int64_t>>;  // of each class, for each loss

// Warn of what is allowed but hardly meant: sets that share samples, requests that no volume meets,
// colours taken for space; labels that are all ignored, classes that do not occur.
void warn_of_sets(const RunConfig& config, const DataSets& sets, Warnings& warnings);
void warn_of_labels(const RunConfig& config, const DataSets& sets, const LabelCounts& train,
                    const LabelCounts& validation, Warnings& warnings);

}  // namespace lucid
