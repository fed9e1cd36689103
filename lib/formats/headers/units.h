#pragma once

#include <optional>
#include <string>
#include <vector>

namespace lucid {

// Returns the millimetres of a unit of length, such as "mm", "um", "micron" or "inch"; 1 for a text
// that names no unit ("", "???", "none"); nullopt for a unit that is not known.
std::optional<double> millimetres_of(const std::string& unit);

// The names that millimetres_of() knows, for messages.
std::vector<std::string> length_units();

}  // namespace lucid
