#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace lucid {

// Returns the files of checkpoints that a program was given, in this order: files themselves, the
// best checkpoint of a run's folder or else the last one, and of a folder of folds those that
// predict what the folds hold out. Throws Error(kUsage) if a folder holds none, or a fold has not
// been trained to its end.
std::vector<std::filesystem::path> named_checkpoints(const std::vector<std::string>& names);

}  // namespace lucid
