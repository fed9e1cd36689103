#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/json.h"

namespace lucid {

// Sentences that explain the value at a JSON pointer.
using JsonComments = std::map<std::string, std::vector<std::string>>;

// Writes JSON with // comments above the values that have some; `head` stands above all. Lists and
// objects without comments are in one line where that has at most 100 characters. parse_json()
// reads it back.
std::string commented_json(const Json& value, const std::vector<std::string>& head,
                           const JsonComments& comments);

}  // namespace lucid
