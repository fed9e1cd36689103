#pragma once

#include <string>
#include <vector>

#include "data/hdf5/file.h"

namespace lucid {

// The datasets of a file that make up a volume, or a run of them.
struct DatasetGroup {
  std::string star;                     // what the * stood for; empty where there is none
  std::string input;                    // the one that the * is matched with
  std::vector<std::string> companions;  // as they were asked for; empty where that was empty
};

// A dataset beside the input, and what messages call it.
struct Companion {
  std::string role, path;  // path: empty where none is wanted
};

// The datasets that a path, and those beside it, stand for. One * in the input's matches any part
// of one name; those of its companions stand for the same. A dataset whose exact name holds * takes
// precedence. Throws Error(kData).
std::vector<DatasetGroup> group_datasets(const hdf5::File& file, const std::string& input,
                                         const std::vector<Companion>& companions);

}  // namespace lucid
