#pragma once

#include <string>

#include "base/json.h"

namespace lucid {

// A range of voxels begin .. end-1 along each of d, h, w; an end of -1 is the end of the volume.
struct Ranges {
  Triple begin{0, 0, 0}, end{-1, -1, -1};
};

// Parses "w=:43,d=10:50", or the same with z y x; bounds left out are open. Throws Error(kUsage).
Ranges parse_ranges(const std::string& text);
// Reads {"d": [0, 200], "w": [45, null]}, or the same with z y x; axes left out are open.
Ranges read_ranges(JsonObject& object);
// Returns "d=0:90,h=0:108,w=0:43".
std::string ranges_text(const Ranges& ranges);

// Parses "24" or "16,32,32", the value of an option such as "--size". Throws Error(kUsage).
Triple parse_size(const std::string& option, const std::string& text);

}  // namespace lucid
