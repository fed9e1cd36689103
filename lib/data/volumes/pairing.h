#pragma once

#include <string>
#include <vector>

#include "data/hdf5/file.h"

namespace lucid {

// The datasets of a file that make up one volume or a run of volumes.
struct DatasetGroup {
  std::string star;                     // what the * matched; empty if there is none
  std::string input;                    // the dataset that determines the star
  std::vector<std::string> companions;  // in the order of the request; empty if not requested
};

// A dataset next to the input; `role` names it in messages.
struct Companion {
  std::string role, path;  // path: empty if not requested
};

// Finds the datasets that match a path and those next to them. One * in the input matches any part
// of one name; in its companions it stands for the same text. A dataset whose exact name contains *
// takes precedence. Throws Error(kData).
std::vector<DatasetGroup> group_datasets(const hdf5::File& file, const std::string& input,
                                         const std::vector<Companion>& companions);

}  // namespace lucid
