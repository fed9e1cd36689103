#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "data/volumes/dataset.h"

namespace lucid {

// Counts classes 0 .. classes-1; reads every target once unless the set knows its labels. Throws
// Error(kData) naming file, sample and value if a label is out of range and not `ignore_index`.
std::vector<std::int64_t> count_labels(const Dataset&, std::int64_t classes,
                                       std::optional<std::int64_t> ignore_index);

}  // namespace lucid
