#pragma once
// Private to this room.

#include <filesystem>
#include <string>
#include <vector>

#include "data/volumes/volumes.h"

namespace lucid {

// Tells whether entries of "files" are scans, volumes of other formats than HDF5, by what is there,
// else by their names, else by whether there are labels. Throws Error(kUsage) if there are both.
bool are_scans(const std::vector<std::string>& files, bool has_labels,
               const std::filesystem::path& base);

// Replaces the entries by the absolute paths of the files, or scans, that they stand for; returns a
// sentence about each that was left out because it is named twice. Throws Error(kUsage).
std::vector<std::string> resolve_files(std::vector<std::string>& entries, bool are_scans,
                                       const std::filesystem::path& base);

}  // namespace lucid
