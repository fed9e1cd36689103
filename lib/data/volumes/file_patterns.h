#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace lucid {

// Returns the files and folders below `base` that match a pattern with *, ? and [..], sorted; none
// if nothing does. Throws Error(kData) if a folder cannot be listed.
std::vector<std::filesystem::path> paths_matching(const std::string& pattern,
                                                  const std::filesystem::path& base);

// True for a text that may match other names than itself.
bool has_pattern(const std::string& text);

}  // namespace lucid
