#pragma once

#include <string>

#include "base/json.h"

namespace lucid {

// Voxels begin .. end-1 along each of d, h, w; an end of -1 is that of the volume.
struct Ranges {
  Triple begin{0, 0, 0}, end{-1, -1, -1};
};

// "w=:43,d=10:50" or with z y x; what is left out is open. Throws Error(kUsage).
Ranges parse_ranges(const std::string& text);
// {"d": [0, 200], "w": [45, null]}, or with z y x; what is left out is open.
Ranges read_ranges(JsonObject& object);
std::string ranges_text(const Ranges& ranges);  // "d=0:90,h=0:108,w=0:43"

// "24" or "16,32,32", given for an option ("--size"). Throws Error(kUsage).
Triple parse_size(const std::string& option, const std::string& text);

}  // namespace lucid
