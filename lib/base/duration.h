#pragma once

#include <string>

namespace lucid {

// Writes 200 as "0:03:20", and less than a minute as "7.2 s".
std::string duration_text(double seconds);

}  // namespace lucid
