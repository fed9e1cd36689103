#pragma once
// Private to this room.

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"

namespace lucid {

// Reads "milestones", a list of increasing integers >= 1, `count` of them if given. Anything else
// is reported as expected to be `what`, and an empty list returned.
std::vector<std::int64_t> read_milestones(JsonObject&, const std::string& what,
                                          std::optional<std::size_t> count = std::nullopt);

}  // namespace lucid
