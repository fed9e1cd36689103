#pragma once
// Private to this room.

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/unfinished_file.h"

namespace lucid {

// The attribute of a set that names all sets of its split.
inline const std::string kSets = "split_sets";

// Returns the sets in the folder that belong to a split one of whose sets will be replaced, without
// those that will be replaced themselves: beside the new sets they would hold some of their cases.
std::vector<std::filesystem::path> sets_left_by(const std::filesystem::path& folder,
                                                const std::vector<std::string>& names);

// Puts all sets in place and removes the earlier ones. If that fails, what was there stays.
void replace_sets(std::span<UnfinishedFile* const> sets,
                  const std::vector<std::filesystem::path>& earlier);

}  // namespace lucid
