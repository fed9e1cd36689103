#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/command_files.h"

namespace lucid::hdf5 {

// Adds a file to what a command reads. If an output may replace an existing file, also adds those
// in which an HDF5 file has its data: sources of virtual datasets, external files and the targets
// of external links, and theirs.
void add_input(CommandFiles& files, const std::filesystem::path& file, const std::string& what);

// Returns those other files, each once. A file that cannot be read has none.
std::vector<std::filesystem::path> files_behind(const std::filesystem::path& file);

}  // namespace lucid::hdf5
