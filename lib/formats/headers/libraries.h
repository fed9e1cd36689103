#pragma once

#include <string>

namespace lucid {

// Throws Error(kUsage) "x.tif: this lucid was built without libtiff, which is needed ...", where a
// library that is optional was not found when lucid was built.
[[noreturn]] void fail_without_library(const std::string& place, const std::string& library);

}  // namespace lucid
