#pragma once

#include <algorithm>
#include <string>

#include "base/text.h"

namespace lucid::test {

// Returns true if oneDNN's implementation is its slow reference code: "ref:any", "x64:ref".
inline bool is_reference(const std::string& implementation) {
  return std::ranges::any_of(split(implementation, ':'),
                             [](const std::string& word) { return word.starts_with("ref"); });
}

}  // namespace lucid::test
